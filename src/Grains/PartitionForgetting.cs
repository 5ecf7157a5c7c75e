using Auie.Abstractions;
using Auie.Core.Codecs;
using Auie.Core.Users;
using Auie.Storage;

namespace Auie.Grains;

/// <summary>Gathers what has to be written so that a partition's records and states name certain people no more, some at a time.</summary>
internal sealed class PartitionForgetting(string[] people, int atOnce)
{
    private readonly HashSet<string> _people = [.. people];
    private List<(long Offset, byte[]? Payload)> _records = [];
    private List<UserWrite> _states = [];
    private List<UserFactsRow> _changed = [];

    /// <summary>How many there were, those that wait to be written among them.</summary>
    public long States { get; private set; }

    public long Records { get; private set; }

    /// <summary>Ids that belong to one of the people, and so are to be erased with them.</summary>
    public List<string> Found { get; } = [];

    public List<(string User, Exception Error)> Unreadable { get; } = [];

    /// <returns>Whether enough waits to be written.</returns>
    public bool Add(StoredRecord record)
    {
        try
        {
            var read = EntryCodec.DecodeRecord(record.Payload);
            var left = Forgetting.Of(read, _people);
            if (!ReferenceEquals(left, read))
            {
                _records.Add((record.Offset, EntryCodec.Encode(left.Entries, left.PassedOnTo, left.Sender)));
                Records++;
            }
        }
        catch (CodecException e)
        {
            Unreadable.Add((record.User, e));
        }

        return IsFull;
    }

    /// <inheritdoc cref="Add(StoredRecord)"/>
    public bool Add(StoredUser user)
    {
        if (user.User.Length == 0)
            return false;
        try
        {
            var state = UserState.Load(user.Head, user.Chunks.Select(chunk => new UserChunk(chunk.Map, chunk.FirstKey, chunk.Data)));
            if (state.Head.Owner is { } owner && _people.Contains(owner))
                Found.Add(user.User);
            else if (state.Forget(_people))
            {
                var snapshot = state.TakeSnapshot();
                _states.Add(new UserWrite(user.User, user.Offset, snapshot.Head,
                    Array.ConvertAll(snapshot.Chunks, chunk => new StoredChunk(chunk.Map, chunk.FirstKey, chunk.Data))));
                _changed.Add(new UserFactsRow(user.User, user.Offset, Facts.RowOf(state.Head), state.Head.Traits.Locale)
                {
                    Amended = true, OtherFriends = true, Rhythm = state.Head.Rhythm.Encode(), Trail = state.Head.Trail.Encode(), Place = state.Head.Traits.Place,
                });
                States++;
            }
        }
        catch (CodecException e)
        {
            Unreadable.Add((user.User, e));
        }

        return IsFull;
    }

    /// <summary>What waits to be written, and the facts of those whom it changes.</summary>
    public Amendment Take(out List<UserFactsRow> changed)
    {
        var amendment = new Amendment { Records = _records, States = _states };
        changed = _changed;
        (_records, _states, _changed) = ([], [], []);
        return amendment;
    }

    private bool IsFull => _records.Count + _states.Count >= atOnce;
}
