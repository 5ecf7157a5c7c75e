using System.Runtime.InteropServices;
using Auie.Abstractions;
using Auie.Core.Codecs;
using Auie.Core.Users;
using Auie.Storage;

namespace Auie.Grains;

/// <summary>
/// What becomes of the events of one commit: what came before is left out, what belongs to another id is passed on, what the user forbade before it came is
/// refused, and the rest is committed with the messages' keys in one transaction, told to the users, and answered.
/// </summary>
public sealed partial class PartitionGrain
{
    private readonly Dictionary<string, Standing> _standings = [];
    private readonly RecentKeys _recent = new(options.Value.RecentKeys);

    /// <summary>The messages of the commit that is made, each as it came first; used again by the next, and empty between them.</summary>
    private Dictionary<(ulong Sender, UInt128 Message), Incoming> _seen = [];

    private async Task CommitAsync(List<IntakeCall> calls)
    {
        var incoming = new List<Incoming>(calls.Sum(call => call.Incoming.Count));
        List<(Incoming Copy, Incoming First)>? copies = null;
        foreach (var call in calls)
        {
            foreach (var came in call.Incoming)
            {
                if (WithoutErased(came) is not { } one)
                    continue;
                if (_recent.TryGetDigest(one.Key, out var digest))
                {
                    one.IsKnownAs(digest);
                    call.HasKnown = true;
                    continue;
                }

                ref var first = ref CollectionsMarshal.GetValueRefOrAddDefault(_seen, (one.Key.Sender, one.Key.Message), out var seen);
                if (seen)
                {
                    (copies ??= []).Add((one, first!));
                    continue;
                }

                first = one;
                incoming.Add(one);
            }
        }

        // What is kept would keep the events alive, and a table that an import made large is slow to clear.
        if (_seen.Count > options.Value.MaxEventsPerCommit)
            _seen = [];
        else
            _seen.Clear();

        var strangers = new HashSet<string>();
        await LearnStandingsAsync(incoming, strangers);
        Commit commit;
        while (true)
        {
            commit = Plan(incoming);
            await AnswerDeniedAsync(commit.Denied);
            if (commit.Keys.Count == 0)
                break;
            var appended = await store.AppendAsync(_partition, _epoch, commit.Journal, commit.Keys, CancellationToken.None).OrUnavailable(StepDown);
            if (appended.Known.Length == 0)
            {
                Committed(commit, appended.First, strangers);
                break;
            }

            var known = appended.Known.ToDictionary(one => one.Index, one => one.Digest);
            var left = new List<Incoming>(incoming.Count);
            for (var i = 0; i < commit.Kept.Count; i++)
            {
                if (known.TryGetValue(i, out var digest))
                {
                    commit.Kept[i].IsKnownAs(digest);
                    _recent.Add(commit.Kept[i].Key with { Digest = digest });
                }
                else
                    left.Add(commit.Kept[i]);
            }

            incoming = left;
        }

        // A copy fares as the first one did.
        foreach (var (copy, first) in copies ?? [])
        {
            if (first.KnownAs is null && first.Refused is { } refused)
            {
                // Of whom nothing can be read, what partitions deliver stays owed.
                if (copy.Call.IsDelivery && !_standings.ContainsKey(first.User))
                    copy.Call.Done.TrySetException(new UnavailableException(refused.Reason));
                copy.Refuse(refused.Field, refused.Reason);
            }
            else
                copy.IsKnownAs(first.KnownAs ?? first.Key.Digest);
        }

        // The next commit need not wait until everybody has been told. Only whoever sent again waits for those who were told of it the first time.
        Finish(FinishAsync(calls, commit, strangers, calls.Exists(call => call is { HasKnown: true, IsDelivery: false }) ? [.. _finishing] : []));
    }

    /// <summary>Answers for what users forbade. What came before they did was kept then, and is known.</summary>
    private async Task AnswerDeniedAsync(List<Incoming> denied)
    {
        if (denied.Count == 0)
            return;
        var found = await store.FindMessagesAsync(_partition, _epoch, denied.ConvertAll(one => one.Key), CancellationToken.None).OrUnavailable(StepDown);
        var known = found.ToDictionary(one => one.Index, one => one.Digest);
        for (var i = 0; i < denied.Count; i++)
        {
            if (known.TryGetValue(i, out var digest))
            {
                denied[i].IsKnownAs(digest);
                _recent.Add(denied[i].Key with { Digest = digest });
            }
            else
                denied[i].Refuse("userId", "has forbidden to keep what they do");
        }
    }

    /// <summary>Learns how everybody stands of whom it is not known; in an import, who is a stranger to the store.</summary>
    private async Task LearnStandingsAsync(List<Incoming> incoming, HashSet<string> strangers)
    {
        if (_standings.Count > options.Value.MaxStandings)
            _standings.Clear();
        if (incoming.TrueForAll(one => _standings.ContainsKey(one.User)))
            return;
        var unknown = incoming.Select(one => one.User).Where(user => !_standings.ContainsKey(user)).Distinct().ToList();
        foreach (var user in unknown.Where(_tombstones.Holds))
            _standings.Add(user, new Standing(user, User(user)) { IsErased = true });
        unknown.RemoveAll(_standings.ContainsKey);
        if (unknown.Count == 0)
            return;
        if (incoming[0].Call.IsImport)
        {
            var known = await store.FindUsersAsync(_partition, unknown, CancellationToken.None).OrUnavailable();
            foreach (var user in unknown.Where(user => !known.Contains(user)))
            {
                strangers.Add(user);
                _standings.Add(user, new Standing(user, User(user)));
            }

            unknown.RemoveAll(strangers.Contains);
        }

        foreach (var some in unknown.Chunk(options.Value.UsersAtOnce))
        {
            var standings = await Task.WhenAll(some.Select(user => StandingAsync(user, incoming)));
            for (var i = 0; i < some.Length; i++)
            {
                if (standings[i] is { } standing)
                    _standings[some[i]] = standing;
            }
        }
    }

    /// <summary>How a user stands; null, and nothing of theirs is taken in, where what there is of them cannot be read.</summary>
    private async Task<Standing?> StandingAsync(string user, List<Incoming> incoming)
    {
        try
        {
            var grain = User(user);
            var standing = await grain.GetStanding(_changed.GetValueOrDefault(user).Last, CancellationToken.None);
            return new Standing(user, grain)
            {
                Owner = standing.Owner, TrackingDenied = standing.TrackingDenied, TrackingSaidAt = standing.TrackingSaidAt, LastOffset = standing.Offset,
            };
        }
        catch (CodecException e)
        {
            // One damaged user does not keep all others' events from being taken in. What partitions deliver stays owed.
            foreach (var one in incoming.Where(one => one.User == user && one.Call.IsDelivery))
                one.Call.Done.TrySetException(new UnavailableException(e.Message, e));
            foreach (var one in incoming.Where(one => one.User == user))
                one.Refuse("userId", $"cannot be read: what is kept of them is damaged ({e.Message})");
            incoming.RemoveAll(one => one.User == user);
            return null;
        }
    }

    /// <summary>What is to be committed of what came, in records of each user, and what of it the user forbade.</summary>
    private Commit Plan(List<Incoming> incoming)
    {
        var commit = new Commit(incoming.Count);
        foreach (var one in incoming)
        {
            ref var of = ref CollectionsMarshal.GetValueRefOrAddDefault(commit.Users, one.User, out var known);
            if (!known)
                of = new PlannedUser(_standings[one.User]);
            if (of!.Take(one))
            {
                commit.Kept.Add(one);
                commit.Keys.Add(one.Key);
            }
            else if (one.Refused is null)
                commit.Denied.Add(one);
        }

        foreach (var user in commit.Users.Values)
        {
            foreach (var record in user.Records)
            {
                record.Payload = EntryCodec.Encode(record.Entries, record.PassedOnTo, record.Sender);
                commit.Records.Add(record);
                commit.Journal.Add(new JournalRecord(user.User, record.Payload));
            }
        }

        return commit;
    }

    /// <summary>Takes note of a commit, at once and in one go, so that a flush between two turns sees all of it or nothing.</summary>
    private void Committed(Commit commit, long first, HashSet<string> strangers)
    {
        foreach (var key in commit.Keys)
            _recent.Add(key);
        foreach (var user in commit.Users.Values)
            user.Settle();
        if (commit.Records.Count == 0)
            return;

        _lastOffset = Math.Max(_lastOffset, first + commit.Records.Count - 1);
        for (var i = 0; i < commit.Records.Count; i++)
        {
            var record = commit.Records[i];
            record.Offset = first + i;
            record.Previous = record.Standing.LastOffset;
            record.Standing.LastOffset = record.Offset;
            ref var unwritten = ref CollectionsMarshal.GetValueRefOrAddDefault(_changed, record.User, out var changed);
            unwritten = new Unwritten(changed ? unwritten.First : record.Offset, record.Offset);
            if (strangers.Contains(record.User) && record.Previous == 0)
                KeepUnfolded(record.User, record.Payload);
            else
                LeaveToUser(record.User);
            if (Outbox.MaySend(record.Entries, record.PassedOnTo))
                Owe(record.User, record.Offset, new UserRecord([.. record.Entries], record.PassedOnTo, record.Sender));
        }
    }

    /// <summary>Tells the users and the other partitions, and answers.</summary>
    /// <param name="before">Commits that are being told, and hold what calls sent again.</param>
    private async Task FinishAsync(List<IntakeCall> calls, Commit commit, HashSet<string> strangers, Task[] before)
    {
        try
        {
            await TellAsync(commit, strangers, segments: calls.Exists(call => call.Segments));
            await TellShardsAsync(commit);

            // A partition that steps down waits for no other: what is owed is found again by the next activation.
            if (DeliverAsync(commit.Records, all: calls.Exists(call => call.IsDelivery)) is { IsCompleted: false } delivered)
                await Task.WhenAny(delivered, _ended.Task);
            foreach (var record in commit.Records.Where(record => record.PassedOnAs is not null))
            {
                foreach (var call in commit.Users[record.User].Calls)
                    call.PassedOn.Add(record.PassedOnAs!);
            }
        }
        catch (Exception e)
        {
            foreach (var call in calls)
                call.Done.TrySetException(e);
        }

        foreach (var call in before.Length == 0 ? calls : calls.Where(call => !call.HasKnown || call.IsDelivery))
            call.Done.TrySetResult();
        if (before.Length == 0)
            return;
        await Task.WhenAll(before);
        foreach (var call in calls)
            call.Done.TrySetResult();
    }

    /// <summary>Tells every user at once what was committed of theirs, and takes note of what becomes of them.</summary>
    private async ValueTask TellAsync(Commit commit, HashSet<string> strangers, bool segments)
    {
        var told = new List<(PlannedUser User, ValueTask<AppliedRecords> Applied)>(commit.Users.Count);
        var audience = ItemsListen;
        foreach (var user in commit.Users.Values)
        {
            if (user.Records.Count == 0 || (strangers.Contains(user.User) && _unfolded.ContainsKey(user.User)))
                continue;
            var records = new CommittedRecord[user.Records.Count];
            for (var i = 0; i < records.Length; i++)
                records[i] = new CommittedRecord(user.Records[i].Offset, user.Records[i].Previous, user.Records[i].Payload);
            // CA2012: each is awaited below, once.
#pragma warning disable CA2012
            told.Add((user, user.Grain.Apply(records, segments, audience, CancellationToken.None)));
#pragma warning restore CA2012
        }

        foreach (var (user, answer) in told)
        {
            try
            {
                var applied = await answer;
                Share(new UserFactsRow(user.User, applied.Offset, applied.Facts, applied.Locale) { Place = applied.Place });
                user.Audience = applied.Audience;
                if (applied.Change is null)
                    continue;
                foreach (var call in user.Calls.Where(call => call.Segments))
                    call.Changes.Add(applied.Change);
            }
            catch (Exception e)
            {
                // The records are committed, and that is what the caller is told; the user reads them from the journal when it is next asked.
                LogUserNotTold(e, user.User, user.Records[^1].Offset);
            }
        }
    }

    /// <summary>What one transaction writes, and of whom.</summary>
    private sealed class Commit(int incoming)
    {
        /// <summary>Everybody whom something came of.</summary>
        public Dictionary<string, PlannedUser> Users { get; } = new(incoming);

        public List<Incoming> Kept { get; } = new(incoming);

        /// <summary>What users forbade to keep, and is not among <see cref="Kept"/>.</summary>
        public List<Incoming> Denied { get; } = [];

        /// <summary>The keys of <see cref="Kept"/>, in the same order.</summary>
        public List<MessageKey> Keys { get; } = new(incoming);

        public List<PlannedRecord> Records { get; } = new(incoming);

        /// <summary>The records as the store takes them, in the same order.</summary>
        public List<JournalRecord> Journal { get; } = new(incoming);
    }

    private sealed class PlannedRecord(Standing standing, string? passedOnTo, string? sender)
    {
        public string User => standing.User;

        public Standing Standing => standing;

        public string? PassedOnTo => passedOnTo;

        public string? Sender => sender;

        public List<Entry> Entries { get; } = new(1);

        public byte[] Payload { get; set; } = [];

        public long Offset { get; set; }

        /// <summary>The user's record before it.</summary>
        public long Previous { get; set; }

        /// <summary>The version that what was passed on got.</summary>
        public string? PassedOnAs { get; set; }
    }

    /// <summary>One user's part of a commit: what comes is put into records one after the other, by how the user stands when it comes.</summary>
    private sealed class PlannedUser(Standing standing)
    {
        private string? _owner = standing.Owner;
        private bool _denied = standing.TrackingDenied;
        private long _saidAt = standing.TrackingSaidAt;

        public string User => standing.User;

        public IUserGrain Grain => standing.Grain;

        public List<PlannedRecord> Records { get; } = new(1);

        /// <summary>What the user belongs to after the commit; null where that is not known.</summary>
        public AudienceMessage? Audience { get; set; }

        /// <summary>Whose events they are, each once.</summary>
        public List<IntakeCall> Calls { get; } = new(1);

        /// <summary>Takes in what came; false where nothing may come of who was erased, which is refused, or the user forbade it.</summary>
        public bool Take(Incoming one)
        {
            var entry = one.Entry;
            if (standing.IsErased)
            {
                one.Refuse("userId", Erased);
                return false;
            }

            if (entry.Kind == EntryKind.Link)
            {
                // Who says again what holds has said nothing; the message is remembered all the same.
                if (entry.Other != _owner)
                    Add(one, _owner is null ? entry : entry with { Kind = EntryKind.Relink }, null, alone: true);
                _owner = entry.Other;
                return true;
            }

            if (_owner is not null)
            {
                Add(one, entry, _owner, alone: false);
                return true;
            }

            if (entry.Kind == EntryKind.Consent && entry.Tracking is { } allowed && entry.At.UtcTicks >= _saidAt)
                (_denied, _saidAt) = (!allowed, entry.At.UtcTicks);
            else if (_denied && entry.Kind is not (EntryKind.Consent or EntryKind.Adopt) && !(entry.Kind == EntryKind.Friends && entry.Other is not null))
            {
                return false;
            }

            Add(one, entry, null, alone: false);
            return true;
        }

        /// <summary>Has the user stand as they do after the commit.</summary>
        public void Settle() => (standing.Owner, standing.TrackingDenied, standing.TrackingSaidAt) = (_owner, _denied, _saidAt);

        private void Add(Incoming one, Entry entry, string? passedOnTo, bool alone)
        {
            // What one call brings comes together.
            if (Calls.Count == 0 || Calls[^1] != one.Call)
                Calls.Add(one.Call);
            var sender = one.Sender == standing.User ? null : one.Sender;
            if (alone || Records.Count == 0 || Records[^1] is var last && (last.PassedOnTo != passedOnTo || last.Sender != sender || last.Entries[^1].Kind is EntryKind.Link or EntryKind.Relink))
                Records.Add(new PlannedRecord(standing, passedOnTo, sender));
            Records[^1].Entries.Add(entry);
        }
    }
}
