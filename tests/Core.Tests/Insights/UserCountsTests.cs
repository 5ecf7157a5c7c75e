using Auie.Core.Features;
using Auie.Core.Insights;
using Auie.Core.Tests.Users;
using FsCheck;
using FsCheck.Fluent;

namespace Auie.Core.Tests.Insights;

public sealed class UserCountsTests
{
    private static readonly Gen<(PlainFacts, string?)> Version =
        from year in Gen.Elements(double.NaN, 1905, 1990, 1991)
        from male in Gen.Elements(double.NaN, 0, 1)
        from lastSeen in Gen.Elements(double.NaN, 10, 20)
        from numbers in Gen.Choose(0, 5).ArrayOf(12)
        from locale in Gen.Elements(null, "", "en_US", "id_ID")
        select (new PlainFacts(year, male, lastSeen, numbers), locale);

    /// <summary>What befell: which user came or changed, and to what; and in which of two parts the user is counted.</summary>
    private static readonly Gen<(int User, (PlainFacts Facts, string? Locale) To)[]> History =
        Gen.Choose(0, 9).SelectMany(user => Version.Select(to => (user, to))).ArrayOf().Resize(60);

    [Fact]
    public void Counts_kept_as_users_change_and_merged_over_parts_are_those_of_a_plain_recount() =>
        SomeEntries.ForAll(History, history =>
        {
            UserCounts[] parts = [new(), new()];
            var now = new SortedDictionary<int, (PlainFacts Facts, string? Locale)>();
            foreach (var (user, to) in history)
            {
                if (now.TryGetValue(user, out var before))
                    parts[user % 2].Remove(before.Facts, before.Locale);
                parts[user % 2].Add(to.Facts, to.Locale);
                now[user] = to;
            }

            var all = new UserCounts();
            foreach (var part in parts)
                all.Merge(new UserCounts(part.Users, part.Genders, part.BirthYears, part.Locales, part.FriendLinks, part.WithFriends, part.Sums, part.LastEvent));

            var users = now.Values.ToArray();
            all.Users.ShouldBe(users.Length);
            all.Genders["male"].ShouldBe(users.Count(user => user.Facts[Fact.GenderMale] == 1));
            all.Genders["female"].ShouldBe(users.Count(user => user.Facts[Fact.GenderMale] == 0));
            all.Genders["unknown"].ShouldBe(users.Count(user => double.IsNaN(user.Facts[Fact.GenderMale])));
            all.BirthYears.ShouldBe(users.Select(user => user.Facts[Fact.BirthYear]).Where(year => !double.IsNaN(year)).GroupBy(year => (int)year)
                .ToDictionary(year => year.Key, year => (long)year.Count()), ignoreOrder: true);
            all.Locales.ShouldBe(users.GroupBy(user => user.Locale ?? "").ToDictionary(locale => locale.Key, locale => (long)locale.Count()), ignoreOrder: true);
            all.FriendLinks.ShouldBe(users.Sum(user => (long)user.Facts[Fact.Friends]));
            all.WithFriends.ShouldBe(users.Count(user => user.Facts[Fact.Friends] > 0));
            all.Sums.Keys.ShouldBe(["shown", "viewed", "invited", "purchased", "interested", "not_interested", "yes", "maybe", "no", "impressions", "came", "impressions_interested"]);
            foreach (var (name, sum) in all.Sums)
                sum.ShouldBe(users.Sum(user => (long)user.Facts[FactCatalogue.Find(name)!.Fact]), name);
            all.LastEvent.ShouldBe(history.Select(one => one.To.Facts[Fact.LastSeen]).Where(seen => !double.IsNaN(seen)).DefaultIfEmpty(double.NaN).Max());
        });

    private sealed class PlainFacts(double year, double male, double lastSeen, int[] numbers) : IFacts
    {
        public double this[Fact fact] => fact switch
        {
            Fact.BirthYear => year,
            Fact.GenderMale => male,
            Fact.LastSeen => lastSeen,
            Fact.Friends => numbers[0],
            Fact.Shown => numbers[1],
            Fact.Viewed => numbers[2],
            Fact.Invited => numbers[3],
            Fact.Purchased => numbers[4],
            Fact.Interested => numbers[5],
            Fact.NotInterested => numbers[6],
            Fact.Yes => numbers[7],
            Fact.Maybe => numbers[8],
            Fact.No => numbers[9],
            Fact.Impressions => numbers[10],
            Fact.Came => numbers[11],
            _ => 1_000,
        };

        public override string ToString() => $"{year} {male} {lastSeen} [{string.Join(' ', numbers)}]";
    }
}
