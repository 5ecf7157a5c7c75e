using Auie.Abstractions;
using Auie.Core.Insights;

namespace Auie.Cli.Insights;

/// <summary>auie insights --json. A part that was not asked for is null.</summary>
/// <param name="AsOf">The last showing; ages and tenures are taken at it.</param>
/// <param name="Quality">By table and column what is missing, rejected and suspicious.</param>
public sealed record InsightsReport(
    DateTimeOffset AsOf, TableReport[]? Quality, AudienceProfile? Who, InterestDrivers? Drivers, ActivityProfile[]? When, SendWindow[]? Windows, InfluenceReport[]? Influencers);

/// <summary>Who carries a word to an audience, by three methods.</summary>
/// <param name="Audience">"everybody", or a locale.</param>
/// <param name="People">How many there are to be reached.</param>
/// <param name="Candidates">How many may be asked.</param>
/// <param name="Links">Pairs of friends in the whole graph.</param>
public sealed record InfluenceReport(
    string Audience, int People, int Candidates, long Links, DateTimeOffset AsOf, ulong Seed, double Epsilon, double MostPerLink, ChosenInfluencers[] Methods);

/// <summary>What a method chose.</summary>
/// <param name="Guarantee">The share of the best possible reach that this is at least; 0 where nothing is promised.</param>
public sealed record ChosenInfluencers(string Method, double Reach, double ReachLow, double ReachHigh, double Guarantee, long Samples, ChosenInfluencer[] People);

/// <summary>Somebody who carries a word, by their id.</summary>
/// <param name="Alone">How many they are expected to reach by themselves.</param>
/// <param name="Added">How many more than those before them in the list.</param>
public sealed record ChosenInfluencer(string User, string? Locale, int Friends, double Alone, double Added);
