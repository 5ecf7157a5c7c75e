using Auie.Core.Users;
using FsCheck.Fluent;
using static Auie.Core.Tests.Users.SomeEntries;

namespace Auie.Core.Tests.Users;

public sealed class ArrivalsTests
{
    private static Arrivals<Entry> Of(IEnumerable<Entry> journal) => new(journal, entry => entry.MessageId, entry => EntryCodec.Encode(entry));

    [Fact]
    public void What_the_journal_has_is_known_and_of_the_rest_each_message_id_comes_once() =>
        ForAll(from journal in Some from arriving in Some select (journal, arriving), drawn =>
        {
            var arrivals = Of(drawn.journal);
            var held = drawn.journal.ToList();
            foreach (var entry in drawn.arriving)
            {
                var before = held.Where(one => one.MessageId == entry.MessageId).ToArray();
                var expected = before.Length == 0 ? Arrival.New : before.Any(one => IsSame(one, entry)) ? Arrival.Known : Arrival.Contradictory;
                arrivals.Add(entry).ShouldBe(expected);
                if (expected == Arrival.New)
                    held.Add(entry);
            }

            arrivals.New.ShouldBe(held.Skip(drawn.journal.Length));
        });

    [Fact]
    public void Sending_again_what_was_new_adds_nothing() =>
        ForAll(from journal in Some from arriving in Some select (journal, arriving), drawn =>
        {
            var first = Of(drawn.journal);
            foreach (var entry in drawn.arriving)
                first.Add(entry);

            // As the journal gives them back: decoded, friends in order.
            var again = Of(first.New.Count == 0 ? drawn.journal : [.. drawn.journal, .. EntryCodec.Decode(EntryCodec.Encode(first.New))]);
            foreach (var entry in drawn.arriving)
                again.Add(entry).ShouldNotBe(Arrival.New);
            again.New.ShouldBeEmpty();
        });

    private static Arrivals<Entry> Of(Entry[] journal) => new(journal, entry => entry.MessageId, entry => EntryCodec.Encode(entry));

    private static bool IsSame(Entry a, Entry b) => EntryCodec.Encode(a).SequenceEqual(EntryCodec.Encode(b));
}
