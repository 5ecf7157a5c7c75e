using Auie.Core.Users;
using Record = Auie.Core.Users.Record;

namespace Auie.Core.Tests.Users;

/// <summary>
/// A small engine of one thread, made of Core's pieces and of the rules that partitions keep: journals, message keys, states in memory and in a store, and
/// messages under way, which may come in any order, more than once, or be lost when their partition dies.
/// </summary>
internal sealed class IdentityWorld
{
    private const int Partitions = 3;

    private readonly Partition[] _partitions = [.. Enumerable.Range(0, Partitions).Select(_ => new Partition())];
    private readonly List<(string Previous, string User, OutgoingMessage Link)> _aliases = [];

    /// <summary>Messages that are made and not yet known to have arrived, each with the record that it is of; those of aliases are of none.</summary>
    public List<(int Partition, long Offset, OutgoingMessage Message)> UnderWay { get; } = [];

    public static int Home(string user) => (int)(StableHash.OfKey(user) % Partitions);

    /// <summary>Every record of a user that was ever committed, in order.</summary>
    public Record[] Journal(string user) =>
        [.. _partitions[Home(user)].Journal.Where(record => record.User == user).Select(record => record.Decoded)];

    public UserState State(string user) => _partitions[Home(user)].State(user);

    /// <summary>Takes events of one user as a client sends them.</summary>
    public void Send(string user, params Entry[] entries) =>
        Commit(user, null, [.. entries.Select(entry => (entry, MessageIdentity.Of(user, entry.MessageId)))]);

    /// <summary>Says that one id is another's: of two people by their roots, so that nobody is linked twice and nobody in a ring.</summary>
    public void Alias(string previous, string user, string messageId, DateTimeOffset at)
    {
        var visitor = UserIds.IsAnonymous(previous);
        var (from, to) = visitor ? (previous, user) : (AliasRoot(previous), AliasRoot(user));
        if (from == to)
            return;
        var link = new Entry { Kind = EntryKind.Link, MessageId = messageId, At = at, Other = to };
        _aliases.Add((previous, user, new OutgoingMessage(from, link, user)));
        UnderWay.Add((-1, 0, _aliases[^1].Link));
    }

    private string AliasRoot(string user)
    {
        for (var link = FirstAlias(user); link is not null; link = FirstAlias(user))
            user = link;
        return user;
    }

    private string? FirstAlias(string user) => _aliases.Select(alias => alias.Link).FirstOrDefault(link => link.Target == user).Entry?.Other;

    public void Deliver(int place, bool acknowledge)
    {
        var message = UnderWay[place].Message;
        if (acknowledge)
            UnderWay.RemoveAt(place);
        Commit(message.Target, message.Sender, [(message.Entry, message.Identity)]);
    }

    /// <summary>Commits what is new of it, each entry as the user's standing after those before it wants it.</summary>
    private void Commit(string user, string? sender, (Entry Entry, (ulong, UInt128) Key)[] entries)
    {
        var home = Home(user);
        var partition = _partitions[home];
        var isNew = entries.Where(one => partition.Remember(one.Key, MessageIdentity.Digest(one.Entry, null))).Select(one => one.Entry).ToArray();
        var owner = partition.State(user).Head.Owner;
        if (isNew is [{ Kind: EntryKind.Link } link])
        {
            if (owner == link.Other)
                return;
            isNew = [owner is null ? link : link with { Kind = EntryKind.Relink }];
            owner = null;
        }
        if (isNew.Length == 0)
            return;
        var offset = partition.Append(user, EntryCodec.Encode(isNew, owner, sender == user ? null : sender));
        Emit(home, offset);
    }

    private void Emit(int home, long offset)
    {
        var partition = _partitions[home];
        var (user, _, record) = partition.Journal[(int)offset - 1];
        foreach (var message in Outbox.Of(user, record))
        {
            var entry = message.Entry.Kind == EntryKind.Adopt && message.Entry.State is null
                ? message.Entry with { State = partition.State(user).Encode() } : message.Entry;
            UnderWay.Add((home, offset, message with { Entry = entry }));
        }
    }

    /// <summary>Writes states, and moves the checkpoint up to the first record that has messages under way.</summary>
    public void Flush(int number)
    {
        var open = UnderWay.Where(message => message.Partition == number).Select(message => message.Offset - 1);
        _partitions[number].Flush(open.DefaultIfEmpty(long.MaxValue).Min());
    }

    /// <summary>Ends a partition, with what was in its memory and under way from it, and starts it again from what is stored.</summary>
    public void Crash(int number)
    {
        UnderWay.RemoveAll(message => message.Partition == number);
        foreach (var offset in _partitions[number].Restart())
            Emit(number, offset);
    }

    /// <summary>The log of aliases is not of a partition; what it sent comes again too.</summary>
    public void RepeatAliases() => UnderWay.AddRange(_aliases.Select(alias => (-1, 0L, alias.Link)));

    private sealed class Partition
    {
        private readonly Dictionary<(ulong, UInt128), long> _digests = [];
        private readonly Dictionary<string, StoredState> _stored = [];
        private readonly Dictionary<string, UserState> _live = [];
        private long _checkpoint;

        public List<(string User, byte[] Payload, Record Decoded)> Journal { get; } = [];

        public bool Remember((ulong, UInt128) key, long digest)
        {
            if (_digests.TryAdd(key, digest))
                return true;
            _digests[key].ShouldBe(digest, "a message comes again as it was");
            return false;
        }

        public long Append(string user, byte[] payload)
        {
            Journal.Add((user, payload, EntryCodec.DecodeRecord(payload)));
            State(user).ApplyRecord(Journal.Count, payload);
            return Journal.Count;
        }

        public UserState State(string user)
        {
            if (!_live.TryGetValue(user, out var state))
                _live[user] = state = _stored.TryGetValue(user, out var stored) ? stored.Load() : new UserState();
            return state;
        }

        public void Flush(long upTo)
        {
            foreach (var (user, state) in _live)
            {
                if (!_stored.TryGetValue(user, out var stored))
                    _stored[user] = stored = new StoredState();
                stored.Write(state.TakeSnapshot());
                state.Saved(state.Offset);
            }
            _checkpoint = Math.Max(_checkpoint, Math.Min(upTo, Journal.Count));
        }

        /// <summary>The records whose messages have to be sent again.</summary>
        public IEnumerable<long> Restart()
        {
            _live.Clear();
            for (var offset = _checkpoint + 1; offset <= Journal.Count; offset++)
            {
                var (user, payload, _) = Journal[(int)offset - 1];
                State(user).ApplyRecord(offset, payload);
                yield return offset;
            }
        }
    }
}
