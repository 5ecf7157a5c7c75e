using Auie.Core.Codecs;
using Auie.Core.Users;
using FsCheck.Fluent;
using static Auie.Core.Tests.Users.SomeEntries;

namespace Auie.Core.Tests.Users;

public sealed class EntryCodecTests
{
    private static string Text(Entry entry) => string.Join('|',
        entry.Kind, entry.At.ToString("O"), entry.MessageId, entry.AnonymousId, entry.Item, entry.Platform, entry.Amount,
        entry.Traits is null ? null : string.Join(',', entry.Traits.OrderBy(trait => trait.Key, StringComparer.Ordinal)),
        entry.FriendsAdded is null ? null : string.Join(',', entry.FriendsAdded.Order(StringComparer.Ordinal)),
        entry.FriendsRemoved is null ? null : string.Join(',', entry.FriendsRemoved.Order(StringComparer.Ordinal)));

    [Fact]
    public void A_record_gives_back_its_entries() =>
        ForAll(Some.Where(entries => entries.Length > 0), entries =>
            EntryCodec.Decode(EntryCodec.Encode(entries)).Select(Text).ShouldBe(entries.Select(Text)));

    [Fact]
    public void The_bytes_of_a_record_never_change()
    {
        Entry[] entries =
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

        Convert.ToHexStringLower(EntryCodec.Encode(entries)).ShouldBe(Golden.Record);
        EntryCodec.Decode(Convert.FromHexString(Golden.Record)).Select(Text).ShouldBe(entries.Select(Text));
    }

    [Fact]
    public void A_record_needs_an_entry() => Should.Throw<ArgumentException>(() => EntryCodec.Encode());

    [Fact]
    public void A_record_of_a_newer_version_is_refused_with_both_versions()
    {
        var record = EntryCodec.Encode(new Entry { Kind = EntryKind.Viewed, MessageId = "m", At = Noon });
        record[0] = 2;

        Should.Throw<CodecException>(() => EntryCodec.Decode(record)).Message.ShouldContain("version 2, this program knows version 1");
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
        ForAll(from entries in Some.Where(entries => entries.Length > 0) from damage in Damage.Any select (entries, damage), drawn =>
            Damage.Reads(drawn.damage(EntryCodec.Encode(drawn.entries)), bytes => new UserState().Apply(EntryCodec.Decode(bytes))));

    [Theory]
    [InlineData("")]
    [InlineData("01")]
    [InlineData("0102ffffffff07")]
    [InlineData("010201")]
    public void A_record_cut_short_is_refused(string hex) =>
        Should.Throw<CodecException>(() => EntryCodec.Decode(Convert.FromHexString(hex)));
}
