using Auie.Core.Codecs;
using Auie.Core.Users;
using FsCheck.Fluent;
using static Auie.Core.Tests.Users.SomeEntries;

namespace Auie.Core.Tests.Users;

public sealed class EntryCodecTests
{
    private static string Text(Entry entry) => string.Join('|',
        entry.Kind, entry.At.ToString("O"), entry.MessageId, entry.AnonymousId, entry.Item, entry.Platform, entry.Amount, entry.Channel, entry.Name,
        entry.Mutual, entry.Tracking, entry.Personalisation, entry.Other, entry.State is null ? null : Convert.ToHexString(entry.State),
        entry.Traits is null ? null : string.Join(',', entry.Traits.OrderBy(trait => trait.Key, StringComparer.Ordinal)),
        entry.FriendsAdded is null ? null : string.Join(',', entry.FriendsAdded.Order(StringComparer.Ordinal)),
        entry.FriendsRemoved is null ? null : string.Join(',', entry.FriendsRemoved.Order(StringComparer.Ordinal)));

    [Fact]
    public void A_record_gives_back_its_entries() =>
        ForAll(SomeOfAnyKind.Where(entries => entries.Length > 0), entries =>
            EntryCodec.Decode(EntryCodec.Encode(entries)).Select(Text).ShouldBe(entries.Select(Text)));

    [Fact]
    public void A_record_gives_back_to_whom_it_is_passed_on_and_who_sent_it()
    {
        Entry[] entries = [new() { Kind = EntryKind.Viewed, MessageId = "m", At = Noon }];
        foreach (var (passedOnTo, sender) in (List<(string?, string?)>)[(null, null), ("u1", null), (null, "u2"), ("u1", "é")])
        {
            var bytes = EntryCodec.Encode(entries, passedOnTo, sender);
            var record = EntryCodec.DecodeRecord(bytes);
            (record.PassedOnTo, record.Sender).ShouldBe((passedOnTo, sender));
            record.Entries.Select(Text).ShouldBe(entries.Select(Text));
            EntryCodec.Decode(bytes).Select(Text).ShouldBe(entries.Select(Text));
        }
        EntryCodec.Encode(entries, null, null).ShouldBe(EntryCodec.Encode(entries));
    }

    [Fact]
    public void The_same_entry_gives_the_same_bytes_in_whatever_order_its_traits_and_friends_come() =>
        ForAll(One, entry =>
            EntryCodec.Encode(entry with
            {
                Traits = entry.Traits?.Reverse().ToDictionary(),
                FriendsAdded = entry.FriendsAdded?.Reverse().ToArray(),
                FriendsRemoved = entry.FriendsRemoved?.Concat(entry.FriendsRemoved).ToArray(),
            }).ShouldBe(EntryCodec.Encode(entry)));

    private static readonly Entry[] OfVersion1 =
        [
            new()
            {
                Kind = EntryKind.Identify, MessageId = "m-1", At = Noon, AnonymousId = "anon",
                Traits = new Dictionary<string, string> { ["gender"] = "male", ["birthyear"] = "1990", ["tier"] = "gold" },
            },
            new() { Kind = EntryKind.Purchased, MessageId = "m-2", At = Noon.AddMinutes(1), Item = "event-7", Platform = "web", Amount = 250_000 },
            new() { Kind = EntryKind.NotInterested, MessageId = "m-3", At = Noon.AddMinutes(-1), Item = "event-8", Platform = "kiosk" },
            new() { Kind = EntryKind.Friends, MessageId = "f", At = Noon, FriendsAdded = ["4001", "4002", "39"], FriendsRemoved = ["ann", "anna"] },
        ];

    private static readonly Entry[] OfVersion2 =
        [
            .. OfVersion1,
            new()
            {
                Kind = EntryKind.Other, MessageId = "o", At = Noon, Name = "Song Played", Channel = "mobile", Item = "song-1",
                Traits = new Dictionary<string, string> { ["artist"] = "Ann" },
            },
            new() { Kind = EntryKind.Consent, MessageId = "c", At = Noon, Tracking = true, Personalisation = false },
            new() { Kind = EntryKind.Consent, MessageId = "d", At = Noon, Personalisation = true },
            new() { Kind = EntryKind.Friends, MessageId = "g", At = Noon, FriendsAdded = ["ann"], Mutual = true },
            new() { Kind = EntryKind.Friends, MessageId = "h", At = Noon, FriendsRemoved = ["ann"], Other = "ann" },
            new() { Kind = EntryKind.Link, MessageId = "l", At = Noon, Other = "ann" },
            new() { Kind = EntryKind.Adopt, MessageId = "adopt", At = Noon, Other = "anonymous:1", State = [1, 2, 3] },
            new() { Kind = EntryKind.Relink, MessageId = "r", At = Noon, Other = "bob" },
        ];

    [Fact]
    public void Records_of_version_1_are_read_for_ever() =>
        EntryCodec.Decode(Convert.FromHexString(Golden.Record1)).Select(Text).ShouldBe(OfVersion1.Select(Text));

    [Fact]
    public void The_bytes_of_a_record_never_change()
    {
        Convert.ToHexStringLower(EntryCodec.Encode(OfVersion2, "ann", "anna")).ShouldBe(Golden.Record);
        var record = EntryCodec.DecodeRecord(Convert.FromHexString(Golden.Record));
        record.Entries.Select(Text).ShouldBe(OfVersion2.Select(Text));
        (record.PassedOnTo, record.Sender).ShouldBe(("ann", "anna"));
    }

    [Fact]
    public void A_record_of_version_1_has_no_fields_of_version_2() =>
        Should.Throw<CodecException>(() => EntryCodec.Decode(Convert.FromHexString("0102010480" + "a0c5e9ff02c8060001" + "6d")))
            .Message.ShouldContain("fields that this program does not know");

    [Fact]
    public void A_record_that_nothing_is_left_of_holds_no_entry() => EntryCodec.Decode(EntryCodec.Encode()).ShouldBeEmpty();

    [Fact]
    public void A_record_of_a_newer_version_is_refused_with_both_versions()
    {
        var record = EntryCodec.Encode(new Entry { Kind = EntryKind.Viewed, MessageId = "m", At = Noon });
        record[0] = 3;

        Should.Throw<CodecException>(() => EntryCodec.Decode(record)).Message.ShouldContain("version 3, this program knows versions up to 2");
    }

    [Fact]
    public void Many_answers_of_one_user_take_a_few_bytes_each()
    {
        var entries = Enumerable.Range(0, 50).Select(i => new Entry
        {
            Kind = EntryKind.Shown, MessageId = $"train-{1000 + i}", At = Noon.AddHours(i), Item = $"{1_000_000_000 + i * 12_345_678}", Platform = "web",
        }).ToArray();

        EntryCodec.Encode(entries).Length.ShouldBeLessThan(50 * 20);
    }

    [Fact]
    public void Garbage_is_refused_clearly_and_makes_no_room_for_what_is_not_there() =>
        ForAll(from entries in SomeOfAnyKind.Where(entries => entries.Length > 0) from damage in Damage.Any select (entries, damage), drawn =>
            Damage.Reads(drawn.damage(EntryCodec.Encode(drawn.entries)), bytes => new UserState().Apply(EntryCodec.Decode(bytes))));

    [Theory]
    [InlineData("")]
    [InlineData("01")]
    [InlineData("0102ffffffff07")]
    [InlineData("010201")]
    [InlineData("02")]
    [InlineData("0204")]
    [InlineData("020102")]
    [InlineData("02000201")]
    public void A_record_cut_short_is_refused(string hex) =>
        Should.Throw<CodecException>(() => EntryCodec.Decode(Convert.FromHexString(hex)));
}
