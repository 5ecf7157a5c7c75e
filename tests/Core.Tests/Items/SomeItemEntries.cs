using Auie.Core.Items;
using Auie.Core.Tests.Users;
using Auie.Core.Users;
using FsCheck;
using FsCheck.Fluent;

namespace Auie.Core.Tests.Items;

/// <summary>Entries about one item drawn from small pools, so that instants, message ids and people collide all the time.</summary>
internal static class SomeItemEntries
{
    private static readonly string[] Ids =
        [.. Enumerable.Range(0, 300).Select(i => $"{i * 7919 % 100_000}"), "é", "\uFF5E", "\U0001F600", "a b", new string('x', 256)];

    private static readonly Gen<DateTimeOffset> Instants =
        from second in Gen.Choose(0, 5)
        from ticks in Gen.Elements(0L, 0L, 0L, 10_000L, 1L)
        from undated in Gen.Elements(true, false, false)
        select undated ? EntryValidation.Undated : SomeEntries.Noon.AddSeconds(second).AddTicks(ticks);

    private static readonly Gen<string[]?> People = Gen.OneOf(
        Gen.Constant<string[]?>(null), Gen.Elements(Ids).ArrayOf(25).Select(ids => (string[]?)ids));

    private static readonly Gen<Dictionary<string, string>?> Traits =
        from given in Gen.Elements(true, false)
        from names in Gen.SubListOf("kind", "start", "city", "shoe size", "\uFF5E")
        from value in Gen.Elements("event", "2012-10-05T18:00:00Z", "", "\U0001F600")
        select given ? names.ToDictionary(name => name, _ => value) : null;

    public static readonly Gen<ItemEntry> One =
        from at in Instants
        from message in Gen.Elements("m1", "m2", "m3", "\uFF5E", "\U0001F600")
        from traits in Traits
        from yes in People
        from maybe in People
        from no in People
        from invited in People
        from joined in Gen.Elements(Ids).ArrayOf(3)
        from someJoined in Gen.Elements(true, false, false)
        select new ItemEntry { MessageId = message, At = at, Traits = traits, Yes = yes, Maybe = maybe, No = no, Invited = invited, Joined = someJoined ? joined : null };

    public static readonly Gen<ItemEntry[]> Some = One.ArrayOf().Resize(40);

    public static ItemState Fold(params IEnumerable<ItemEntry> entries)
    {
        var state = new ItemState();
        foreach (var entry in entries)
            state.Apply(entry);
        return state;
    }

    /// <summary>Everything that a store has to hold of a state, whatever was saved of it: merging with nothing makes no chunk saved.</summary>
    public static StateSnapshot Reload(ItemState state)
    {
        var snapshot = ItemState.Merge(new ItemState(), state).TakeSnapshot();
        return snapshot with { Chunks = [.. snapshot.Chunks.Where(chunk => chunk.Data is not null)] };
    }

    /// <summary>A state whole, as text: its head and every chunk with its name.</summary>
    public static string Bytes(ItemState state)
    {
        var whole = Reload(state);
        return string.Join('\n', whole.Chunks.Select(chunk => $"{chunk.Map} '{chunk.FirstKey}' {Convert.ToHexStringLower(chunk.Data!)}")
            .Prepend(Convert.ToHexStringLower(whole.Head)));
    }
}
