using System.Text.Json;
using System.Text.Json.Serialization;
using Auie.Core.Insights;
using FsCheck;
using FsCheck.Fluent;

namespace Auie.Core.Tests.Insights;

public sealed class AudienceTests
{
    private static readonly DateTimeOffset AsOf = new(2012, 12, 31, 0, 0, 0, TimeSpan.Zero);

    private static readonly JsonSerializerOptions WithNaN = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    [Fact]
    public void Shares_are_of_those_of_whom_it_is_known()
    {
        var profile = AudienceProfile.Of(Of(
            new AudienceMember { Gender = "male", BirthYear = 1990, Locale = "en_US", Friends = 3, Platforms = ["web", "mobile"], JoinedAt = AsOf.AddMonths(-4) },
            new AudienceMember { Gender = "female", BirthYear = 1980, Locale = "en_US", Friends = 0, Platforms = ["web"] },
            new AudienceMember { Gender = "female", Locale = "" }), AsOf);

        profile.Users.ShouldBe(3);
        var gender = profile.Breakdowns.Single(one => one.Name == "gender");
        gender.Shares.Select(one => (one.Value, one.Rate.Hits, one.Rate.N)).ShouldBe([("female", 2, 3), ("male", 1, 3)]);
        var locale = profile.Breakdowns.Single(one => one.Name == "locale");
        (locale.Known, locale.Missing).ShouldBe((2, 1));
        profile.Breakdowns.Single(one => one.Name == "age").Shares.Where(one => one.Rate.Hits > 0).Select(one => one.Value).ShouldBe(["18 to 24", "25 to 34"]);
        profile.Breakdowns.Single(one => one.Name == "tenure").Shares.Single(one => one.Rate.Hits > 0).Value.ShouldBe("3 to 5 months");
        // Of two on platforms both were on the web.
        profile.Breakdowns.Single(one => one.Name == "platform").Shares.Select(one => (one.Value, one.Rate.Value)).ShouldBe([("web", 1), ("mobile", 0.5)]);
        // Who joins later has been there for none.
        AudienceProfile.Of(Of(new AudienceMember { JoinedAt = AsOf.AddMonths(-4) }, new AudienceMember { JoinedAt = AsOf.AddMonths(2) }), AsOf).Numbers.Single(one => one.Name == "tenure").Mean.ShouldBe(2);
        // Who is born later is of no age.
        var young = AudienceProfile.Of(Of(new AudienceMember { BirthYear = 2000 }, new AudienceMember { BirthYear = 2013 }), AsOf).Numbers.Single(one => one.Name == "age");
        (young.N, young.Mean).ShouldBe((1, 12));
        (AudienceProfile.AgeBandOf(0), AudienceProfile.AgeBandOf(-1)).ShouldBe(("under 18", AudienceRow.Unknown));
        var age = profile.Numbers.Single(one => one.Name == "age");
        (age.N, age.Mean, age.Median).ShouldBe((2, 27, 27));
        AudienceProfile.Aged(Of(new AudienceMember { BirthYear = 1987 }, new AudienceMember { BirthYear = 1972 }, new AudienceMember { BirthYear = 1971 }), AsOf, 25, 40).Hits.ShouldBe(2);
    }

    [Fact]
    public void Merging_parts_and_taking_people_out_leaves_what_counting_the_others_gives() => Prop.ForAll(
        Gen.Elements("male", "female", null).Zip(Gen.Choose(1940, 2000)).Zip(Gen.Choose(0, 5)).Zip(Gen.Elements(0, 1, 2, 3)).ListOf().ToArbitrary(), people =>
        {
            var (all, left, gone) = (new Audience(), new Audience(), new Audience());
            foreach (var (((gender, year), friends), kind) in people)
            {
                var person = new AudienceMember { Gender = gender, BirthYear = kind == 0 ? null : year, Friends = friends, Locale = $"l{friends}", Platforms = kind > 1 ? ["web"] : [] };
                (kind % 2 == 0 ? left : gone).Add(person);
                all.Add(person);
                if (kind % 2 != 0) all.Remove(person);
            }

            Text(all).ShouldBe(Text(left));
            var (ab, ba) = (new Audience(), new Audience());
            ab.Merge(left);
            ab.Merge(gone);
            ba.Merge(gone);
            ba.Merge(left);
            Text(ab).ShouldBe(Text(ba));
            ab.Users.ShouldBe(people.Count);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Of_nobody_there_are_no_shares_and_no_means()
    {
        var profile = AudienceProfile.Of(new Audience(), AsOf);
        profile.Users.ShouldBe(0);
        profile.Numbers.ShouldAllBe(one => one.N == 0 && double.IsNaN(one.Median));
    }

    private static string Text(Audience audience) => JsonSerializer.Serialize(AudienceProfile.Of(audience, AsOf), WithNaN);

    private static Audience Of(params AudienceMember[] people)
    {
        var audience = new Audience();
        foreach (var person in people) audience.Add(person);
        return audience;
    }
}
