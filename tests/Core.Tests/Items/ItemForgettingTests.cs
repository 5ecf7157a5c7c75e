using Auie.Core.Items;
using FsCheck;
using FsCheck.Fluent;

namespace Auie.Core.Tests.Items;

public sealed class ItemForgettingTests
{
    private static readonly string[] Everybody = [.. Enumerable.Range(0, 200).Select(i => $"{i * 7919 % 100_000}")];

    private static readonly DateTimeOffset Noon = new(2012, 10, 2, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<string[]> People = Gen.Choose(0, 80).SelectMany(count => Gen.Elements(Everybody).ArrayOf(count)).Select(people => people.Distinct().ToArray());

    private static readonly Gen<ItemEntry> One =
        from message in Gen.Elements("m1", "m2", "m3")
        from second in Gen.Choose(0, 3)
        from yes in People
        from no in People
        from invited in People
        from creator in Gen.Elements(Everybody)
        select new ItemEntry
        {
            MessageId = message, At = Noon.AddSeconds(second), Yes = yes, No = no, Invited = invited, Traits = new Dictionary<string, string> { ["creator"] = creator, ["city"] = creator },
        };

    [Fact]
    public void Forgetting_people_gives_the_item_of_the_entries_that_never_named_them() =>
        Prop.ForAll((from entries in One.ArrayOf(5) from people in People select (entries, people)).ToArbitrary(), drawn =>
        {
            var people = drawn.people.ToHashSet();
            var (state, expected) = (new ItemState(), new ItemState());
            state.ApplyRecord(4, ItemEntryCodec.Encode(drawn.entries));
            expected.ApplyRecord(4, ItemEntryCodec.Encode(Array.ConvertAll(drawn.entries, entry => ItemForgetting.Of(entry, people.Contains))));
            var named = state.AnswersAfter(null).Count(answer => people.Contains(answer.Person));
            // Of two who are said to have made it the earlier one is not known any more.
            var isMade = people.Contains(state.Head.Traits["creator"]!);

            var (answers, changed) = state.Forget(people);
            (answers, changed).ShouldBe((named, named > 0 || isMade));
            state.AnswersAfter(null).ShouldBe(expected.AnswersAfter(null));
            (ItemTotals.Of(state.Head), state.Head.Traits["city"]).ShouldBe((ItemTotals.Of(expected.Head), expected.Head.Traits["city"]));
            if (isMade)
                state.Head.Traits["creator"].ShouldBeNull();
            foreach (var person in people)
                state.AnswerOf(person).ShouldBeNull();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150).WithReplay(20121002, 7));
}
