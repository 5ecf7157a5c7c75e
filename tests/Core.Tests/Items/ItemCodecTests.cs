using Auie.Core.Codecs;
using Auie.Core.Items;
using Auie.Core.Tests.Users;
using Auie.Core.Users;
using FsCheck.Fluent;
using static Auie.Core.Tests.Items.SomeItemEntries;

namespace Auie.Core.Tests.Items;

public sealed class ItemCodecTests
{
    private static readonly ItemEntry[] Party =
    [
        new()
        {
            MessageId = "events:17", At = EntryValidation.Undated,
            Traits = new Dictionary<string, string> { ["kind"] = "event", ["start"] = "2012-10-05T18:00:00Z", ["city"] = "Medan", ["dress"] = "red" },
        },
        new() { MessageId = "attendees:17", At = EntryValidation.Undated, Yes = ["4001", "4002", "39"], Maybe = ["ann", "anna"], No = [], Invited = ["39", "40"] },
        new() { MessageId = "late", At = SomeEntries.Noon, No = ["39"] },
    ];

    private static string Text(ItemEntry entry) => string.Join('|',
        entry.At.ToString("O"), entry.MessageId, entry.Traits is null ? null : string.Join(',', entry.Traits.OrderBy(trait => trait.Key, StringComparer.Ordinal)),
        Text(entry.Yes), Text(entry.Maybe), Text(entry.No), Text(entry.Invited), Text(entry.Joined));

    private static string? Text(IReadOnlyList<string>? people) => people is null ? null : $"[{string.Join(',', people.Distinct().Order(StringComparer.Ordinal))}]";

    private static ItemState Folded()
    {
        var state = new ItemState();
        state.ApplyRecord(7, ItemEntryCodec.Encode(Party));
        return state;
    }

    [Fact]
    public void A_record_gives_back_its_entries() =>
        SomeEntries.ForAll(SomeItemEntries.Some.Where(entries => entries.Length > 0), entries =>
            ItemEntryCodec.Decode(ItemEntryCodec.Encode(entries)).Select(Text).ShouldBe(entries.Select(Text)));

    [Fact]
    public void The_bytes_of_a_record_never_change()
    {
        Convert.ToHexStringLower(ItemEntryCodec.Encode(Party)).ShouldBe(GoldenItem.Record);
        ItemEntryCodec.Decode(Convert.FromHexString(GoldenItem.Record)).Select(Text).ShouldBe(Party.Select(Text));
    }

    [Fact]
    public void The_bytes_of_a_record_of_ids_that_were_joined_never_change()
    {
        ItemEntry[] joined = [new() { MessageId = "adopt", At = SomeEntries.Noon, Invited = ["ann"], Joined = ["anonymous:a"] }];

        Convert.ToHexStringLower(ItemEntryCodec.Encode(joined)).ShouldBe(GoldenItem.Joined);
        ItemEntryCodec.Decode(Convert.FromHexString(GoldenItem.Joined)).Select(Text).ShouldBe(joined.Select(Text));
    }

    [Fact]
    public void The_bytes_of_a_head_and_of_chunks_never_change()
    {
        var snapshot = Folded().TakeSnapshot();

        Convert.ToHexStringLower(snapshot.Head).ShouldBe(GoldenItem.Head);
        snapshot.Chunks.Select(chunk => $"{chunk.Map} '{chunk.FirstKey}' {Convert.ToHexStringLower(chunk.Data!)}").ShouldBe(GoldenItem.Chunks);
    }

    [Fact]
    public void The_bytes_of_totals_never_change()
    {
        var totals = new ItemTotals(13_418, 8_846, 300, 4, 50_000, 6);

        Convert.ToHexStringLower(totals.Encode()).ShouldBe(GoldenItem.Totals);
        ItemTotals.Decode(Convert.FromHexString(GoldenItem.Totals)).ShouldBe(totals);
    }

    [Fact]
    public void A_head_gives_back_what_it_said() =>
        SomeEntries.ForAll(SomeItemEntries.Some, entries =>
        {
            var head = Fold(entries).TakeSnapshot().Head;
            ItemHeadCodec.Encode(ItemHeadCodec.Decode(head)).ShouldBe(head);
        });

    [Fact]
    public void A_record_needs_an_entry() => Should.Throw<ArgumentException>(() => ItemEntryCodec.Encode());

    [Fact]
    public void Bytes_of_a_newer_version_are_refused_with_both_versions()
    {
        foreach (var (bytes, read) in new (byte[], Action<byte[]>)[]
        {
            (ItemEntryCodec.Encode(Party), bytes => ItemEntryCodec.Decode(bytes)), (Folded().TakeSnapshot().Head, bytes => ItemHeadCodec.Decode(bytes)),
            (default(ItemTotals).Encode(), bytes => ItemTotals.Decode(bytes)),
        })
        {
            bytes[0] = 2;
            Should.Throw<CodecException>(() => read(bytes)).Message.ShouldContain("version 2, this program knows version 1");
        }
    }

    [Fact]
    public void Garbage_is_refused_clearly_and_makes_no_room_for_what_is_not_there() =>
        SomeEntries.ForAll(from entries in SomeItemEntries.Some.Where(entries => entries.Length > 0) from damage in Damage.Any select (entries, damage), drawn =>
        {
            Damage.Reads(drawn.damage(ItemEntryCodec.Encode(drawn.entries)), bytes => new ItemState().Apply(ItemEntryCodec.Decode(bytes)));
            var snapshot = Reload(Fold(drawn.entries));
            Damage.Reads(drawn.damage(snapshot.Head), bytes => ItemHeadCodec.Encode(ItemHeadCodec.Decode(bytes)));
            Damage.Reads(drawn.damage(new ItemTotals(1, 2, 300, 4, 5, 6).Encode()), bytes => ItemTotals.Decode(bytes));
            foreach (var chunk in snapshot.Chunks)
            {
                Damage.Reads(drawn.damage(chunk.Data!), bytes =>
                {
                    var loaded = ItemState.Load(snapshot.Head, [chunk with { Data = bytes }]);
                    _ = loaded.AnswersAfter(null).Count();
                    loaded.Apply(drawn.entries);
                    loaded.TakeSnapshot();
                });
            }
        });

    [Fact]
    public void An_entry_is_checked_field_by_field()
    {
        ItemEntryValidation.Check(Party[0]).ShouldBeEmpty();
        ItemEntryValidation.CheckItem("17").ShouldBeNull();
        ItemEntryValidation.CheckItem("").ShouldNotBeNull().Field.ShouldBe("itemId");
        var many = Enumerable.Range(0, ItemEntryValidation.MostPeople + 1).Select(i => $"{i}").ToArray();
        foreach (var (entry, field) in new (ItemEntry, string)[]
        {
            (Party[0] with { MessageId = "" }, "messageId"), (Party[0] with { At = EntryValidation.Latest }, "at"),
            (Party[0] with { Traits = new Dictionary<string, string> { ["kind"] = "wedding" } }, "traits"),
            (Party[0] with { Traits = new Dictionary<string, string> { [new string('n', 257)] = "" } }, "traits"),
            (Party[0] with { Yes = many }, "yes"), (Party[0] with { Maybe = [""] }, "maybe"), (Party[0] with { No = ["a\u0001"] }, "no"),
            (Party[0] with { Invited = ["\ud800"] }, "invited"),
        })
            ItemEntryValidation.Check(entry).ShouldHaveSingleItem().Field.ShouldBe(field);
    }
}
