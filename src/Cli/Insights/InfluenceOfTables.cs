using Auie.Core.Insights;

namespace Auie.Cli.Insights;

/// <summary>Who carries a word among the people of the tables: to everybody with a profile, and to those of the locales with most of them.</summary>
internal static class InfluenceOfTables
{
    private const int Locales = 3;

    public static InfluenceReport[] Of(ObservedTables tables, InfluenceOptions options)
    {
        var (graph, ids, profileOf) = tables.Friendships();
        int[] people = [.. Enumerable.Range(0, ids.Length).Where(person => profileOf(ids[person]) is not null)];
        if (people.Length == 0) return [];
        var locales = people.Select(LocaleOf).Where(locale => locale.Length > 0).CountBy(locale => locale)
            .OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal).Take(Locales).Select(one => one.Key);
        return [Of("everybody", people), .. locales.Select(locale => Of(locale, [.. people.Where(person => LocaleOf(person) == locale)]))];

        string LocaleOf(int person) => profileOf(ids[person])!.Locale ?? "";

        InfluenceReport Of(string name, int[] audience)
        {
            var influence = new InfluenceMaximisation(graph, audience, audience, options);
            return new InfluenceReport(name, audience.Length, audience.Length, graph.Pairs, tables.AsOf, options.Seed, options.Epsilon, options.MostPerLink,
                [.. new[] { influence.Choose(), influence.ByDegree(), influence.ByPageRank() }.Select(Chosen)]);
        }

        ChosenInfluencers Chosen(Influencers chosen) => new(
            chosen.Method, chosen.Reach, chosen.ReachInterval.Low, chosen.ReachInterval.High, chosen.Guarantee, chosen.Samples,
            [.. chosen.People.Select(one => new ChosenInfluencer($"{ids[one.Person]}", profileOf(ids[one.Person])?.Locale, one.Friends, one.Alone, one.Added))]);
    }
}
