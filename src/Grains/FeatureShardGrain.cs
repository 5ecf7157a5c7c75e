using System.Runtime.InteropServices;
using Auie.Abstractions;
using Auie.Core.Features;
using Auie.Core.Insights;
using Auie.Core.Segments;
using Auie.Core.Users;
using Auie.Storage;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>
/// One shard of rows. Users' facts are a cache of the heads in the store; a table's rows are documents of the shard's own, which stay in the store.
/// What a job pins is written down, so that the shard may die at any moment of the job and the next activation goes on with the same rows.
/// </summary>
public sealed partial class FeatureShardGrain(
    IEngineStore store, PublishedModels models, FeatureSets featureSets, ComputePool pool, TimeProvider time, IOptions<EngineOptions> options) : Grain, IFeatureShardGrain
{
    private readonly LiveUsers _users = new();
    private FriendLists _friends = new(0);
    private long _friendsSince;

    // Of whom the journal tells, once that is asked: the offset of the last record of each, and up to which one it was read.
    private readonly Dictionary<string, long> _told = [];
    private long _toldUpTo;

    // Of each block of a table its first row and how many values it has.
    private readonly SortedDictionary<long, int> _blocks = [];
    private string _tenant = "";
    private string _table = "";
    private int _number;
    private long _epoch;

    private FriendLists NewFriendLists() => new(options.Value.MaxInfluenceLinks / store.Partitions);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = GrainKeys.Split(this.GetPrimaryKeyString(), 3);
        _tenant = key[0];
        _number = int.Parse(key[2]);
        _epoch = await store.ClaimEpochAsync(Owner, cancellationToken).OrUnavailable();
        if (DataSets.IsTable(key[1], out _table))
        {
            await foreach (var (firstRow, data) in store.ReadDocumentsAsync(_tenant, Documents.TableRows(_table, _number), cancellationToken).OrUnavailable())
                _blocks[long.Parse(firstRow)] = data.Length / sizeof(double);
            return;
        }

        (_friends, _friendsSince) = (NewFriendLists(), time.GetTimestamp());
        await foreach (var head in store.ReadHeadsAsync(new PartitionId(_tenant, _number), null, cancellationToken).OrUnavailable())
        {
            var decoded = UserHeadCodec.Decode(head.Head);
            if (Facts.HasRow(decoded))
                _users.Put(head.User, head.Offset, Facts.Of(decoded), decoded.Traits.Locale, rhythm: decoded.Rhythm.Encode(), trail: decoded.Trail.Encode(), place: decoded.Traits.Place);
        }

        // It only catches up, in memory, and so may come while a step of a job is computed.
        this.RegisterGrainTimer(CatchUp, new GrainTimerCreationOptions(options.Value.LiveStep, options.Value.LiveStep) { Interleave = true });
        this.RegisterGrainTimer(ForgetGone, new GrainTimerCreationOptions(ForgetGoneAfter, ForgetGoneAfter) { Interleave = true });
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Unpin();
        return Task.CompletedTask;
    }

    public Task PutUsers(UserFactsRow[] rows, CancellationToken cancellationToken)
    {
        foreach (var row in rows)
        {
            if (row.OtherFriends || row.Facts.Length == 0)
                _friends.Changed(row.User);
            if (row.Facts.Length == 0)
                _users.Remove(row.User, row.Offset);
            else
                _users.Put(row.User, row.Offset, row.Facts, row.Locale, row.Amended, row.Rhythm, row.Trail, row.Place);
        }

        return Task.CompletedTask;
    }

    public async Task PutRows(long tableRows, long firstRow, double[] values, string[]? ids, CancellationToken cancellationToken)
    {
        // Blocks at or past the rows that the table counts are what an append that failed has left.
        var left = _blocks.Keys.Where(row => row >= tableRows).ToArray();
        var (kind, idKind) = (Documents.TableRows(_table, _number), Documents.TableRowIds(_table, _number));
        var documents = new List<DocumentWrite>();
        foreach (var row in left)
        {
            documents.Add(new DocumentWrite(kind, Documents.Key(row), null));
            documents.Add(new DocumentWrite(idKind, Documents.Key(row), null));
        }

        var rowIds = ids is null ? null : Array.ConvertAll(ids, Core.StableHash.OfKey);
        if (values.Length > 0)
            documents.Add(new DocumentWrite(kind, Documents.Key(firstRow), MemoryMarshal.AsBytes<double>(values).ToArray()));
        if (rowIds is { Length: > 0 })
            documents.Add(new DocumentWrite(idKind, Documents.Key(firstRow), MemoryMarshal.AsBytes<ulong>(rowIds).ToArray()));
        if (documents.Count == 0)
            return;
        await Write(documents, cancellationToken);
        foreach (var row in left)
            _blocks.Remove(row);
        if (values.Length > 0)
            _blocks[firstRow] = values.Length;
    }

    public async Task Drop(CancellationToken cancellationToken)
    {
        await store.DeleteDocumentsAsync(_tenant, Owner, _epoch, Documents.TableRows(_table, _number), cancellationToken).OrUnavailable(DeactivateOnIdle);
        await store.DeleteDocumentsAsync(_tenant, Owner, _epoch, Documents.TableRowIds(_table, _number), cancellationToken).OrUnavailable(DeactivateOnIdle);
        _blocks.Clear();
        Unpin();
        DeactivateOnIdle();
    }

    public Task<UserShardInfo> GetInfo(CancellationToken cancellationToken) =>
        Task.FromResult(new UserShardInfo(_users.Count, _users.Counts.LastEvent, _users.Counts.Sums[FactCatalogue.Of(Fact.Impressions).Name]));

    public Task<UserCensus> GetCensus(CancellationToken cancellationToken) => Task.FromResult(Censuses.Of(_users.Counts));

    private void Unpin()
    {
        foreach (var pinned in _pinned.Values)
            pinned.Dispose();
        _pinned.Clear();
    }

    private string Owner => $"shard/{this.GetPrimaryKeyString()}";

    private async Task Write(IReadOnlyList<DocumentWrite> documents, CancellationToken cancellationToken)
    {
        await store.WriteDocumentsAsync(_tenant, Owner, _epoch, documents, cancellationToken).OrUnavailable(DeactivateOnIdle);
    }
}
