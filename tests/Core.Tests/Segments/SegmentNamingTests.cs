using System.Collections.Immutable;
using Auie.Core.Features;
using Auie.Core.Segments;

namespace Auie.Core.Tests.Segments;

public sealed class SegmentNamingTests
{
    private static readonly FeatureSet Interest = FeatureSets.BuiltIn.Default;
    private static readonly SegmentNaming Naming = new(Archetypes.BuiltIn);

    // Everybody: born 1988.8 ± 9.7, 1,094 ± 1,002 friends, interested in .27 ± .44, not interested in .03 ± .18 of what they are shown.
    private static readonly double[] Mean = [1988.8, 1094, 0.268, 0.0335];
    private static readonly double[] Deviation = [9.67, 1002, 0.443, 0.18];

    private static readonly ClusterProfile Observers = Cluster(6468, 1990.2, 755, 0, 0);
    private static readonly ClusterProfile Enthusiasts = Cluster(2761, 1990.6, 936, 1, 0);
    private static readonly ClusterProfile Butterflies = Cluster(1336, 1992.3, 3196, 0.16, 0);
    private static readonly ClusterProfile Traditionalists = Cluster(564, 1959.4, 767, 0.19, 0.004);
    private static readonly ClusterProfile Critics = Cluster(384, 1982, 1129, 0, 1);

    private static ClusterProfile Cluster(long size, params double[] means) =>
        new(size, [.. means], [.. means.Select((mean, i) => (mean - Mean[i]) / Deviation[i])]);

    private static ImmutableArray<Segment> Name(params ClusterProfile[] clusters) => Naming.Name(Interest, clusters, withheld: false, earlier: null).Segments;

    private static string[] Personas(IEnumerable<Segment> segments) => [.. segments.Select(segment => segment.Persona)];

    [Fact]
    public void The_five_personas_are_recognised_in_any_order()
    {
        ClusterProfile[] clusters = [Critics, Observers, Butterflies, Enthusiasts, Traditionalists];

        var segments = Name(clusters);

        Personas(segments).ShouldBe(["Detached Critics", "Silent Observers", "Social Butterflies", "Enthusiasts", "Traditionalists"]);
        segments.ShouldAllBe(segment => segment.Resemblance >= 0.9 && segment.NamedAfter.IsEmpty && segment.Description.Length > 0);
        Personas(Name([.. clusters.Reverse()])).ShouldBe(Personas(segments.Reverse()));
    }

    [Fact]
    public void Without_old_users_there_are_no_Traditionalists_however_much_older_than_the_others_a_cluster_is()
    {
        var older = Cluster(564, 1976, 767, 0.19, 0.004);

        var segments = Name(Observers, older, Critics);

        segments[1].Persona.ShouldBe("Older");
        segments[1].Resemblance.ShouldBeNull();
        segments[1].NamedAfter.ShouldBe([new Trait(0, High: false)]);
    }

    [Fact]
    public void An_age_says_the_opposite_of_a_birth_year_and_has_a_bound_of_its_own()
    {
        FeatureSets.BuiltIn.TryGet("engagement", out var engagement).ShouldBeTrue();
        ClusterProfile Aged(double age) => new(10, [age, .. new double[11]], [3, .. new double[11]]);

        Naming.Name(engagement!, [Aged(59)], withheld: false, earlier: null).Segments[0].Persona.ShouldBe("Traditionalists");
        Naming.Name(engagement!, [Aged(30)], withheld: false, earlier: null).Segments[0].Persona.ShouldBe("Older");
    }

    [Fact]
    public void Columns_that_say_nothing_of_an_archetype_give_none_of_its_name()
    {
        var table = FeatureSet.OfTable("t", ["birthyear", "friends_count"]);
        ClusterProfile[] clusters = [new(10, [1990, 400], [0.1, -0.7]), new(10, [1991, 4000], [0.2, 3]), new(5, [1950, 900], [-4, -0.1])];

        var segments = Naming.Name(table, clusters, withheld: false, earlier: null).Segments;

        Personas(segments).ShouldBe(["Low friends_count", "Social Butterflies", "Traditionalists"]);
    }

    [Fact]
    public void A_cluster_like_everybody_is_no_archetype_whatever_its_direction()
    {
        var segments = Name(Cluster(100, 1988.8, 1094, 0.30, 0.0335), Cluster(100, 1988.8, 1090, 0.29, 0.0335));

        Personas(segments).ShouldBe(["Like everybody", "Like everybody (2)"]);
    }

    [Fact]
    public void One_archetype_is_given_to_one_cluster_only_and_names_are_unique()
    {
        var segments = Name(Cluster(500, 1991, 3500, 0.2, 0), Cluster(700, 1990, 2900, 0.2, 0), Cluster(900, 1990, 2500, 0.2, 0));

        Personas(segments).Count(name => name == "Social Butterflies").ShouldBe(1);
        Personas(segments).ShouldBeUnique();
    }

    [Fact]
    public void A_cluster_that_resembles_none_is_named_after_its_own_extremes()
    {
        var segment = Name(Cluster(100, 1989, 3100, 0.27, 0.4))[0];

        segment.Persona.ShouldBe("Often declining, many friends");
        segment.Description.ShouldContain("friends_count +2.0 standard deviations");
        segment.Resemblance.ShouldBeNull();
    }

    [Fact]
    public void Withheld_names_are_given_to_none()
    {
        var segments = Naming.Name(Interest, [Observers, Enthusiasts, Butterflies, Traditionalists, Critics], withheld: true, earlier: null).Segments;

        segments.ShouldAllBe(segment => segment.Resemblance == null && Archetypes.BuiltIn.Find(segment.Persona) == null);
        Personas(segments).ShouldBeUnique();
    }

    [Fact]
    public void Ids_and_names_stay_with_the_members_from_version_to_version()
    {
        var first = Naming.Name(Interest, [Observers, Enthusiasts, Butterflies], withheld: false, earlier: null);
        var overlap = new long[,] { { 0, 40, 6000, 5 }, { 0, 2700, 20, 0 }, { 1200, 3, 4, 100 } };

        var second = Naming.Name(Interest, [Butterflies, Enthusiasts, Observers, Critics], withheld: false, new(Interest, first.Segments, first.IdsGiven, overlap));

        first.Segments.Select(segment => segment.Id).ShouldBe(["s1", "s2", "s3"]);
        second.Segments.Select(segment => segment.Id).ShouldBe(["s3", "s2", "s1", "s4"]);
        Personas(second.Segments).ShouldBe(["Social Butterflies", "Enthusiasts", "Silent Observers", "Detached Critics"]);
        second.IdsGiven.ShouldBe(4);
    }

    [Fact]
    public void A_name_stays_with_its_segment_though_another_cluster_resembles_it_more()
    {
        var popular = Cluster(1000, 1988, 2600, 0.6, 0);
        var first = Naming.Name(Interest, [popular, Observers], withheld: false, earlier: null);
        first.Segments[0].Persona.ShouldBe("Social Butterflies");

        var second = Naming.Name(Interest, [popular, Butterflies], withheld: false, new(Interest, first.Segments, first.IdsGiven, new long[,] { { 900, 50 }, { 0, 0 } }));

        Personas(second.Segments).ShouldBe(["Social Butterflies", "Many friends"]);
        second.Segments[1].Id.ShouldBe("s3");
    }

    [Fact]
    public void A_segment_that_does_not_pass_for_its_name_any_more_loses_it_but_stays_the_segment()
    {
        var first = Naming.Name(Interest, [Butterflies, Observers], withheld: false, earlier: null);
        var cooled = Cluster(1300, 1990, 1000, 1, 0);

        var second = Naming.Name(Interest, [cooled, Observers], withheld: false, new(Interest, first.Segments, first.IdsGiven, new long[,] { { 1200, 0 }, { 0, 6000 } }));

        second.Segments[0].Id.ShouldBe("s1");
        second.Segments[0].Persona.ShouldBe("Enthusiasts");
    }

    [Fact]
    public void A_name_after_extremes_stays_while_they_hold()
    {
        var first = Naming.Name(Interest, [Cluster(100, 1989, 3100, 0.27, 0.4)], withheld: false, earlier: null);
        var weaker = Cluster(110, 1980, 1500, 0.27, 0.12);
        var gone = Cluster(110, 1980, 1000, 0.27, 0.12);
        EarlierSegments Earlier() => new(Interest, first.Segments, first.IdsGiven, new long[,] { { 90 } });

        Naming.Name(Interest, [weaker], withheld: false, Earlier()).Segments[0].Persona.ShouldBe("Often declining, many friends");
        Naming.Name(Interest, [gone], withheld: false, Earlier()).Segments[0].Persona.ShouldBe("Older");
    }

    [Fact]
    public void Contrasts_are_the_features_farthest_from_everybody_first()
    {
        var contrasts = Contrast.Of(Interest, Mean, Critics);

        contrasts.Select(contrast => contrast.Feature).ShouldBe(["not_interested", "birthyear", "interested", "friends_count"]);
        contrasts[0].ShouldBe(new Contrast("not_interested", 1, 0.0335, (1 - 0.0335) / 0.18));
    }
}
