using Auie.Core.Codecs;
using Auie.Core.Users;
using FsCheck.Fluent;
using static Auie.Core.Tests.Users.SomeEntries;

namespace Auie.Core.Tests.Users;

public sealed class TrailTests
{
    private static readonly EntryKind[] Steps = [.. EntryKinds.All.Where(Trail.Keeps)];

    [Fact]
    public void The_latest_steps_are_kept_in_whatever_order_they_come_and_states_are_merged()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var random = new Random(seed);
            var steps = Enumerable.Range(0, 150).Select(i => Step((EntryKind)Steps[random.Next(Steps.Length)], Noon.AddMilliseconds(random.Next(1_000_000)), i)).ToArray();
            var expected = steps.Select(step => (step.At, step.Kind)).Order().TakeLast(Trail.Most).Select(step => (step.Kind, step.At)).ToArray();
            random.Shuffle(steps);
            var (a, b) = (new UserState(), new UserState());
            foreach (var step in steps) (random.Next(2) == 0 ? a : b).Apply(step);
            UserState.Merge(a, b).Head.Trail.Held().ShouldBe(expected);
            Bytes(UserState.Merge(a, b)).ShouldBe(Bytes(UserState.Merge(b, a)));
        }
    }

    [Fact]
    public void Only_dated_steps_of_the_users_own_are_kept_and_hours_count_what_they_did()
    {
        var state = new UserState();
        state.Apply(
            Step(EntryKind.Shown, EntryValidation.Undated, 1), Step(EntryKind.Viewed, Noon, 2), Step(EntryKind.Interested, Noon.AddDays(1), 3), Step(EntryKind.Invited, Noon.AddDays(2), 4),
            new Entry { Kind = EntryKind.Identify, MessageId = "i", At = Noon, Traits = new Dictionary<string, string> { ["locale"] = "en_GB" } },
            new Entry { Kind = EntryKind.Other, MessageId = "o", At = Noon, Name = "Song Played" });
        state.Head.Trail.Held().Select(step => step.Kind).ShouldBe([EntryKind.Viewed, EntryKind.Interested, EntryKind.Invited]);
        var day = DateOnly.FromDateTime(Noon.UtcDateTime);
        state.Head.Rhythm.HeldDated().ShouldBe([(day, Noon.UtcDateTime.Hour, 2), (day.AddDays(1), Noon.UtcDateTime.Hour, 1)]);
    }

    [Fact]
    public void The_latest_hours_are_kept_in_whatever_order_they_come()
    {
        var entries = Enumerable.Range(0, Rhythm.MostDated + 50).Select(hour => Step(EntryKind.Viewed, Noon.AddHours(hour), hour)).ToArray();
        var (inOrder, shuffled) = (new UserState(), new UserState());
        inOrder.Apply(entries);
        new Random(1).Shuffle(entries);
        shuffled.Apply(entries);
        Bytes(shuffled).ShouldBe(Bytes(inOrder));
        inOrder.Head.Rhythm.HeldDated().Select(one => one.Day.ToDateTime(new TimeOnly(one.Hour, 0))).ShouldBe(Enumerable.Range(50, Rhythm.MostDated).Select(hour => Noon.UtcDateTime.AddHours(hour)));
    }

    [Fact]
    public void Damaged_bytes_are_refused()
    {
        Refused([65, .. new byte[70]]).ShouldContain("64 at the most are kept");
        Refused([1, 1, 2]).ShouldContain("of a kind that is none");
        Refused([2, 1, 6, 25]).ShouldContain("not in order");
        Refused([1, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]).ShouldContain("out of the calendar");
        Trail.Read([], new long[Trail.Most], new EntryKind[Trail.Most]).ShouldBe(0);

        static string Refused(byte[] bytes) => Should.Throw<CodecException>(() => Trail.Read(bytes, new long[Trail.Most], new EntryKind[Trail.Most])).Message;
    }

    private static Entry Step(EntryKind kind, DateTimeOffset at, int message) => new() { Kind = kind, MessageId = $"m{message}", At = at, Item = "e" };
}
