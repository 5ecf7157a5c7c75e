namespace Auie.Abstractions;

/// <summary>Who carries a word among some users, from their lists of friends as of the last flush. Who forbade that what they do is kept is not among them.</summary>
/// <param name="People">Among how many: they are to be reached, they may be asked, and a word passes from one of them to another.</param>
/// <param name="Pairs">Pairs of friends among them.</param>
/// <param name="ModelVersion">The segmentation that a segment was asked of; 0 where none was.</param>
/// <param name="MostPerLink">The largest chance that a word passes from one friend to another; of somebody with d friends among them it is 1/d, and that at most.</param>
/// <param name="Methods">By influence maximisation (imm), beside those with most friends (degree) and the highest PageRank (pagerank). Empty where there is nobody.</param>
[GenerateSerializer, Immutable, Alias("auie.influencers-view")]
public sealed record InfluencersView(
    [property: Id(0)] DateTimeOffset AsOf, [property: Id(1)] long People, [property: Id(2)] long Pairs, [property: Id(3)] long ModelVersion, [property: Id(4)] long Seed,
    [property: Id(5)] double MostPerLink, [property: Id(6)] InfluencersChoiceView[] Methods)
{
    /// <summary>Where nobody is meant, that in words, with what nobody matches; null where somebody is.</summary>
    [Id(7)] public string? Nobody { get; init; }
}

/// <summary>People chosen to carry a word, and how many of all they are expected to reach together.</summary>
/// <param name="Guarantee">The share of the best possible reach that this is at least; 0 where nothing is promised.</param>
[GenerateSerializer, Immutable, Alias("auie.influencers-choice-view")]
public sealed record InfluencersChoiceView([property: Id(0)] string Method, [property: Id(1)] EstimateView Reach, [property: Id(2)] double Guarantee, [property: Id(3)] InfluencerView[] People);
