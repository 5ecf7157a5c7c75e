using Auie.Core.Items;

namespace Auie.Core.Tests.Items;

public sealed class ReactionTableTests
{
    [Theory, InlineData(1, 3, 500), InlineData(2, 2_000, 3), InlineData(3, 300, 40)]
    public void It_tells_what_was_set_last_of_each_person_and_item(int seed, int people, int items)
    {
        var (random, table, expected) = (new Random(seed), new ReactionTable(), new Dictionary<(ulong Person, int Slot), Reaction>());
        var known = new HashSet<ulong>();
        for (var step = 0; step < 6_000; step++)
        {
            // Hashes that begin alike in the table come one behind the other, and one of them is 0.
            var (person, slot, reaction) = ((ulong)random.Next(people) << random.Next(2) * 40, random.Next(items), (Reaction)random.Next(1, 6));
            table.Set(person, slot, reaction).ShouldBe(known.Add(person));
            expected[(person, slot)] = reaction;
            // What was taken out can come again, and what is not there can be taken out.
            (person, slot) = random.Next(4) == 0 ? (person, random.Next(items)) : (ulong.MaxValue, 0);
            table.Remove(person, slot);
            expected.Remove((person, slot));
        }

        foreach (var of in expected.GroupBy(one => one.Key.Person))
        {
            var did = table.Of(of.Key).ToArray().Select(ReactionTable.Unpack).ToDictionary(one => one.Slot, one => one.Reaction);
            did.ShouldBe(of.ToDictionary(one => one.Key.Slot, one => one.Value), ignoreOrder: true);
            table.Of(of.Key, of.First().Key.Slot).ShouldBe(of.First().Value);
        }

        table.Of(ulong.MaxValue).IsEmpty.ShouldBeTrue();
        table.Of(ulong.MaxValue, 0).ShouldBe(Reaction.None);
    }
}
