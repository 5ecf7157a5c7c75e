using Auie.Core.Features;
using Auie.Core.Insights;
using Auie.Core.Segments;

namespace Auie.Core.Tests.Insights;

public sealed class ProfileQualityTests
{
    private static readonly DateTimeOffset AsOf = new(2012, 12, 31, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_is_missing_is_counted_and_what_looks_wrong_is_told_with_values()
    {
        var users = new LiveUsers();
        for (var user = 0; user < 100; user++)
        {
            var facts = new double[FactCatalogue.All.Count];
            facts[(int)Fact.BirthYear] = user switch { < 10 => double.NaN, < 40 => 1925, < 42 => 1905, < 43 => 2010, _ => 1960 + (user % 30) };
            facts[(int)Fact.GenderMale] = user % 5 == 0 ? double.NaN : user % 2;
            facts[(int)Fact.Timezone] = user % 2 == 0 ? double.NaN : user == 1 ? 427 : -330;
            facts[(int)Fact.JoinedAt] = user < 7 ? double.NaN : AsOf.AddMonths(user == 7 ? 2 : -user).ToUnixTimeSeconds();
            facts[(int)Fact.Friends] = user % 4;
            facts[(int)Fact.WebEvents] = user < 60 ? 1 : 0;
            users.Put($"u{user}", 1, facts, user switch { < 3 => null, < 5 => "english", _ => "en_US" }, place: user % 3 == 0 ? "Medan" : null);
        }

        var fields = ProfileQuality.Of(AudienceScan.Of(AudienceRow.Of(users, null, new AudienceFilter()), AsOf.Year, 10).Audience, AsOf).ToDictionary(one => one.Field);
        fields.Values.ShouldAllBe(one => one.Known + one.Missing == 100);
        fields.ToDictionary(one => one.Key, one => one.Value.Missing).ShouldBe(new Dictionary<string, long>
        {
            ["birthyear"] = 10, ["gender"] = 20, ["locale"] = 3, ["place"] = 66, ["timezone"] = 50, ["joinedAt"] = 7, ["friends"] = 25, ["platform"] = 40,
        }, ignoreOrder: true);
        Suspicious("birthyear").ShouldBe([("makes them older than 100", 2, "1905"), ("makes them younger than 6", 1, "2010"), (ProfileQuality.Spike, 30, "1925")]);
        Suspicious("locale").ShouldBe([("is no locale as in en_US", 2, "english")]);
        Suspicious("timezone").ShouldBe([("is no clock's difference from UTC", 1, "427")]);
        Suspicious("joinedAt").ShouldBe([("is after the last event", 1, "2013-02")]);
        Suspicious("gender").ShouldBeEmpty();

        (string, long, string)[] Suspicious(string field) => [.. fields[field].Suspicious.Select(one => (one.Reason, one.Count, string.Join(',', one.Examples)))];
    }

    [Fact]
    public void Of_nobody_nothing_is_missing() =>
        ProfileQuality.Of(new Audience(), AsOf).ShouldAllBe(one => one.Known == 0 && one.Missing == 0 && one.Suspicious.Length == 0);
}
