using Auie.Core.Users;
using FsCheck;
using FsCheck.Fluent;

namespace Auie.Core.Tests.Users;

/// <summary>Entries drawn from small pools, so that instants, message ids, friends and items collide all the time.</summary>
internal static class SomeEntries
{
    public static readonly DateTimeOffset Noon = new(2012, 10, 2, 12, 0, 0, TimeSpan.FromHours(7));

    private static readonly string[] Ids =
        [.. Enumerable.Range(0, 300).Select(i => $"{i * 7919 % 100_000}"), "é", "\uFF5E", "\U0001F600", "a b", new string('x', 256)];

    private static readonly string[] Items = [.. Enumerable.Range(0, 30).Select(i => $"event-{i}"), "\U0001F600"];

    private static readonly Gen<DateTimeOffset> Instants =
        from second in Gen.Choose(0, 5)
        from ticks in Gen.Elements(0L, 0L, 0L, 10_000L, 1L)
        from hours in Gen.Choose(-1, 1)
        select Noon.AddSeconds(second).AddTicks(ticks).ToOffset(TimeSpan.FromHours(hours));

    private static readonly Gen<string[]> Friends = Gen.Elements(Ids).ArrayOf(40).Select(ids => ids.Distinct().ToArray());

    private static readonly Gen<Dictionary<string, string>> Traits =
        from names in Gen.SubListOf("birthyear", "gender", "timezone", "shoe size", "\uFF5E", "\U0001F600")
        from value in Gen.Elements("1990", "male", "", "\uFF5E", "\U0001F600")
        select names.ToDictionary(name => name, _ => value);

    public static readonly Gen<Entry> One =
        from kind in Gen.Elements(EntryKinds.Sent.ToArray())
        from at in Instants
        from message in Gen.Elements("m1", "m2", "m3", "\uFF5E", "\U0001F600")
        from anonymous in Gen.Elements(null, null, "anon-1", "anon-2")
        from platform in Gen.Elements(null, "web", "ios", "kiosk")
        from channel in Gen.Elements(null, null, "browser", "web")
        from name in Gen.Elements("Song Played", "web", "\uFF5E")
        from consent in Gen.Choose(1, 8)
        from teller in Gen.Elements(null, null, "ann")
        from mutual in Gen.Elements(true, false)
        from item in Gen.Elements(Items)
        from about in Gen.Elements(true, false)
        from amount in Gen.Choose(0, 1_000_000)
        from traits in Traits
        from added in Friends
        from removed in Friends
        select new Entry
        {
            Kind = kind,
            At = at,
            MessageId = message,
            AnonymousId = anonymous,
            Platform = platform,
            Channel = channel,
            Name = kind == EntryKind.Other ? name : null,
            Item = kind.NeedsItem() || (kind.TakesItem() && about) ? item : null,
            Amount = kind == EntryKind.Purchased ? amount : null,
            Traits = kind == EntryKind.Identify || (kind == EntryKind.Other && about) ? traits : null,
            FriendsAdded = kind == EntryKind.Friends ? added : null,
            FriendsRemoved = kind == EntryKind.Friends ? [.. removed.Except(added)] : null,
            Mutual = kind == EntryKind.Friends && teller is null && mutual,
            Other = kind == EntryKind.Friends ? teller : null,
            Tracking = kind == EntryKind.Consent ? Said(consent / 3) : null,
            Personalisation = kind == EntryKind.Consent ? Said(consent % 3) : null,
        };

    public static readonly Gen<Entry[]> Some = One.ArrayOf().Resize(60);

    /// <summary>Entries of the engine's own kinds, too.</summary>
    public static readonly Gen<Entry[]> SomeOfAnyKind = Gen.OneOf(One, One, EnginesOwn()).ArrayOf().Resize(30);

    private static bool? Said(int answer) => answer == 0 ? null : answer == 2;

    private static Gen<Entry> EnginesOwn() =>
        from kind in Gen.Elements(EntryKind.Link, EntryKind.Adopt, EntryKind.Relink)
        from at in Instants
        from other in Gen.Elements(Ids)
        from history in Some.Resize(5)
        select new Entry { Kind = kind, MessageId = "m", At = at, Other = other, State = kind == EntryKind.Adopt ? StateOf(history) : null };

    private static byte[] StateOf(Entry[] entries)
    {
        var state = new UserState();
        state.Apply(entries);
        return state.Encode();
    }

    /// <summary>Checks a property on drawn values, always the same ones.</summary>
    public static void ForAll<T>(Gen<T> values, Action<T> property) =>
        Prop.ForAll(values.ToArbitrary(), property).Check(Config.QuickThrowOnFailure.WithMaxTest(150).WithReplay(20121002, 7));

    /// <summary>A state whole, as bytes: its head and every chunk with its name.</summary>
    public static byte[] Bytes(UserState state)
    {
        var loaded = Reload(state);
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        foreach (var chunk in loaded.Chunks)
        {
            writer.Write(chunk.Map);
            writer.Write(chunk.FirstKey);
            writer.Write(chunk.Data!.Length);
            writer.Write(chunk.Data);
        }
        writer.Write(loaded.Head);
        return bytes.ToArray();
    }

    /// <summary>Everything that a store has to hold of a state, whatever was saved of it: merging with nothing makes no chunk saved.</summary>
    public static StateSnapshot Reload(UserState state)
    {
        var merged = UserState.Merge(new UserState(), state);
        var snapshot = merged.TakeSnapshot();
        return snapshot with { Chunks = [.. snapshot.Chunks.Where(chunk => chunk.Data is not null)] };
    }
}
