using System.Security.Cryptography;
using Auie.Abstractions;
using Auie.Core.Privacy;
using Auie.Core.Users;
using Auie.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>
/// Erases users. Each erasure stands in the store with how far it is, so that the next activation goes on with it; every step may be taken twice. Here is how one begins and
/// what is told of it; <c>Steps</c> has what is done, <c>Restored</c> how a copy of the store from before an erasure is dealt with.
/// </summary>
public sealed partial class ErasureGrain(
    IEngineStore store, Tombstones tombstones, ErasureLog log, StoreTimers timers, TimeProvider time, IOptions<EngineOptions> options, ILogger<ErasureGrain> logger) : Grain, IErasureGrain
{
    // Those that have ended are read from the store when they are asked for: they grow in number for ever.
    private readonly SortedDictionary<long, Erasure> _open = [];
    private readonly Dictionary<string, long> _latestOf = new(StringComparer.Ordinal);
    private long _latest;
    private ErasedIds _tombstones = new();
    private string _tenant = "";
    private long _epoch;
    private bool _working;
    private IGrainTimer? _worker;
    private Task? _makingKey;

    private string Owner => $"erasure/{_tenant}";

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _tenant = this.GetPrimaryKeyString();
        _epoch = await store.ClaimEpochAsync(Owner, cancellationToken).OrUnavailable();
        _tombstones = await tombstones.ReadAsync(_tenant, cancellationToken);
        var work = new Dictionary<string, string[]>();
        await foreach (var (number, bytes) in store.ReadDocumentsAsync(_tenant, Documents.ErasureWork, cancellationToken).OrUnavailable())
            work[number] = ErasureWork.Decode(bytes).Ids;
        await foreach (var (number, bytes) in store.ReadDocumentsAsync(_tenant, Documents.Erasure, cancellationToken).OrUnavailable())
        {
            Keep(new Erasure(ErasureReceipt.Decode(bytes), work.GetValueOrDefault(number, [])));
        }

        if (_open.Count > 0)
            Work();
    }

    public async Task<ErasureView> Start(string user, string by, CancellationToken cancellationToken)
    {
        if (EntryValidation.CheckUser(user) is { } error)
            throw new InvalidRequestException("id", error.Reason);
        await EnsureKeyAsync();
        var subject = _tombstones.Of(user);
        var hashes = _tombstones.AllOf(user);
        if (await LookUpAsync(hashes.Max(_latestOf.GetValueOrDefault), cancellationToken) is { } known)
        {
            await AuditAsync(by, subject, known, cancellationToken);
            await CloseAsync(known, cancellationToken);
            return await ViewAsync(known, cancellationToken);
        }

        if (_open.Count >= options.Value.MaxErasures)
            throw new OverloadedException($"{options.Value.MaxErasures} erasures are under way already; try again when one has ended.");
        var ids = await Resolve(user, cancellationToken);
        var wereKnown = Array.Exists(await Task.WhenAll(ids.Select(id => StandingAsync(id, cancellationToken))), standing => standing.IsKnown);
        // What has begun is in the audit, whether or not its sender waits for it.
        var erasure = await BeginAsync([user, .. ids.Where(id => id != user)], wereKnown, CancellationToken.None);
        await AuditAsync(by, subject, erasure, CancellationToken.None);
        await CloseAsync(erasure, cancellationToken);
        return await ViewAsync(erasure, cancellationToken);
    }

    public async Task<ErasureView?> Get(string receipt, CancellationToken cancellationToken) =>
        receipt.Length > 1 && receipt[0] == 'x' && long.TryParse(receipt.AsSpan(1), out var number) && Name(number) == receipt
        && await LookUpAsync(number, cancellationToken) is { } erasure ? await ViewAsync(erasure, cancellationToken) : null;

    public async Task<ErasureView[]> List(int count, CancellationToken cancellationToken)
    {
        var found = new List<Erasure>();
        for (var number = _latest; number > 0 && found.Count < count; number--)
        {
            if (await LookUpAsync(number, cancellationToken) is { } erasure)
                found.Add(erasure);
        }

        return await ViewsAsync([.. found], cancellationToken);
    }

    public async Task<string[]> Resolve(string user, CancellationToken cancellationToken)
    {
        var ids = new List<string> { user };
        while ((await StandingAsync(ids[^1], cancellationToken)).Owner is { } owner && !ids.Contains(owner))
            ids.Add(owner);
        ids.Reverse();
        var root = ids[0];
        if (await User(root).GetHeld(cancellationToken) is not { } held)
            return [.. ids];
        ids.AddRange(held.Profile.MergedIds.Except(ids));
        // An anonymous id that came to them from somebody else is not among those whose history they took over.
        foreach (var id in held.Profile.AnonymousIds.Select(UserIds.AnonymousUser).Except(ids).ToArray())
        {
            if ((await StandingAsync(id, cancellationToken)).Owner is { } owner && ids.Contains(owner))
                ids.Add(id);
        }

        return [.. ids];
    }

    public async Task<string> SubjectOf(string user, CancellationToken cancellationToken)
    {
        await EnsureKeyAsync();
        return _tombstones.Of(user);
    }

    private async Task<Erasure?> LookUpAsync(long number, CancellationToken cancellationToken)
    {
        if (_open.GetValueOrDefault(number) is { } open)
            return open;
        return number > 0 && number <= _latest && await store.ReadDocumentAsync(_tenant, Documents.Erasure, Documents.Key(number), cancellationToken).OrUnavailable() is { } bytes
            ? new Erasure(ErasureReceipt.Decode(bytes), []) : null;
    }

    /// <summary>Takes note of an erasure as it is now.</summary>
    private void Keep(Erasure erasure)
    {
        var receipt = erasure.Receipt;
        if (receipt.Phase == ErasurePhase.Done)
            _open.Remove(receipt.Number);
        else
            _open[receipt.Number] = erasure;
        _latest = Math.Max(_latest, receipt.Number);
        foreach (var hash in receipt.Hashes)
            _latestOf[hash] = Math.Max(_latestOf.GetValueOrDefault(hash), receipt.Number);
    }

    private Task AuditAsync(string by, string subject, Erasure erasure, CancellationToken cancellationToken) =>
        GrainFactory.GetGrain<IAuditGrain>(_tenant).Record(by, AuditedActions.Erase, subject, Name(erasure.Receipt.Number), cancellationToken);

    /// <summary>Makes the key for tombstones where there is none. The log has it before any hash is made with it.</summary>
    private async Task EnsureKeyAsync()
    {
        while (_tombstones.Key is null)
        {
            // Of two who want it at once one makes it.
            _makingKey ??= MakeKeyAsync();
            try
            {
                await _makingKey;
            }
            finally
            {
                _makingKey = null;
            }
        }
    }

    private async Task MakeKeyAsync()
    {
        var line = ErasureLogLine.OfKey(RandomNumberGenerator.GetBytes(Tombstone.KeyBytes));
        await log.AddAsync([line], CancellationToken.None);
        await Write([new DocumentWrite(Documents.TombstoneKey, line.KeyId, line.Key)], CancellationToken.None);
        _tombstones.AddKey(line.KeyId, line.Key!);
    }

    /// <param name="wereKnown">Whether anything of their own is here.</param>
    /// <param name="besides">What is written in the same transaction.</param>
    private async Task<Erasure> BeginAsync(string[] ids, bool wereKnown, CancellationToken cancellationToken, params DocumentWrite[] besides)
    {
        var number = ++_latest; // at once: another may begin while this one is written
        var receipt = new ErasureReceipt
        {
            Number = number,
            Phase = ErasurePhase.Closing,
            Hashes = Array.ConvertAll(ids, _tombstones.Of),
            RequestedAt = time.GetUtcNow(),
            WereUnknown = !wereKnown,
        };
        var erasure = new Erasure(receipt, ids);
        await Write([Document(receipt), Document(receipt.Number, new ErasureWork(ids)), .. besides], cancellationToken);
        Keep(erasure);
        Work();
        return erasure;
    }

    private Task<UserStanding> StandingAsync(string id, CancellationToken cancellationToken) => User(id).GetStanding(long.MaxValue, cancellationToken);

    private IUserGrain User(string id) => GrainFactory.GetGrain<IUserGrain>(GrainKeys.User(_tenant, id));

    private IPartitionGrain Partition(int number) => GrainFactory.GetGrain<IPartitionGrain>(GrainKeys.Partition(_tenant, number));

    private IItemShardGrain ItemShard(int number) => GrainFactory.GetGrain<IItemShardGrain>(GrainKeys.ItemShard(_tenant, number));

    private async Task Write(IReadOnlyList<DocumentWrite> documents, CancellationToken cancellationToken) =>
        await store.WriteDocumentsAsync(_tenant, Owner, _epoch, documents, cancellationToken).OrUnavailable(DeactivateOnIdle);

    private static DocumentWrite Document(ErasureReceipt receipt) => new(Documents.Erasure, Documents.Key(receipt.Number), receipt.Encode());

    private static DocumentWrite Document(long number, ErasureWork? work) => new(Documents.ErasureWork, Documents.Key(number), work?.Encode());

    private static string Name(long number) => $"x{number}";

    private async Task<ErasureView> ViewAsync(Erasure erasure, CancellationToken cancellationToken) => (await ViewsAsync([erasure], cancellationToken))[0];

    /// <summary>The receipts, with what has become of their models by now: an erasure has ended before that is settled.</summary>
    private async Task<ErasureView[]> ViewsAsync(Erasure[] erasures, CancellationToken cancellationToken)
    {
        long[] versions = [.. erasures.SelectMany(erasure => erasure.Receipt.Models).Distinct()];
        long[] learnt = [.. erasures.SelectMany(erasure => erasure.Receipt.Rankers ?? []).Distinct()];
        var coordinator = GrainFactory.GetGrain<ICoordinatorGrain>(_tenant);
        var models = versions.Length == 0 ? [] : await coordinator.GetMarked(versions, cancellationToken);
        var rankers = learnt.Length == 0 ? [] : await coordinator.GetMarkedRankers(learnt, cancellationToken);
        return Array.ConvertAll(erasures, erasure => View(
            erasure, Array.FindAll(models, model => erasure.Receipt.Models.Contains(model.Version)), Array.FindAll(rankers, ranker => erasure.Receipt.Rankers?.Contains(ranker.Version) == true)));
    }

    private ErasureView View(Erasure erasure, MarkedModel[] models, MarkedModel[] rankers)
    {
        var receipt = erasure.Receipt;
        var isDone = receipt.Phase == ErasurePhase.Done;
        return new ErasureView
        {
            Id = Name(receipt.Number),
            State = isDone ? "done" : "running",
            Phase = receipt.Phase.ToString().ToLowerInvariant(),
            Done = isDone ? 1 : receipt.Next,
            Of = receipt.Phase is ErasurePhase.Users or ErasurePhase.Items ? store.Partitions : 1,
            Hashes = receipt.Hashes,
            RequestedAt = receipt.RequestedAt,
            ClosedAt = receipt.ClosedAt,
            EndedAt = receipt.EndedAt,
            Users = receipt.Users,
            Items = receipt.Items,
            Answers = receipt.Answers,
            Records = receipt.Records,
            Examples = receipt.Examples,
            Unreadable = receipt.Unreadable,
            Models = receipt.Models,
            RebuildBy = receipt.RebuildBy,
            RebuildJob = receipt.RebuildJob,
            Remains = isDone ? Remains(receipt, models, rankers) : [],
            Trouble = isDone ? null : erasure.Trouble,
            ModelStates = models,
            RankerStates = rankers,
        };
    }

    private static string[] Remains(ErasureReceipt receipt, MarkedModel[] models, MarkedModel[] rankers)
    {
        var remains = new List<string>();
        if (receipt.Remains is { } sentence)
            remains.Add(sentence);
        if (receipt.Unreadable > 0)
            remains.Add($"{receipt.Unreadable} damaged states or records could not be read, and may name the user; the log says which they are.");
        foreach (var (what, marked) in models.Select(model => ($"Model version {model.Version} was made while the user was in it", model))
            .Concat(rankers.Select(ranker => ($"ranker-{ranker.Version} learnt from the user too", ranker))).Where(one => one.Item2.DroppedBy is not null))
        {
            remains.Add($"{what}; it holds no id, and is dropped by {marked.DroppedBy:yyyy-MM-dd}."
                + (marked.State == "failed" ? $" Job {marked.Job}, which was to make it anew, failed: {marked.Reason}" : ""));
        }

        remains.Add("Backups and copies that were made before are not reached from here; one that is restored is told of this erasure by the log of erasures.");
        return [.. remains];
    }

    /// <summary>An erasure with its ids, which are gone when it is scrubbing.</summary>
    private sealed class Erasure(ErasureReceipt receipt, string[] ids)
    {
        public ErasureReceipt Receipt { get; set; } = receipt;

        public string[] Ids { get; set; } = ids;

        /// <summary>Why its last step was not taken.</summary>
        public string? Trouble { get; set; }

        /// <summary>Its being closed, while that is under way: whoever asks for it and the worker wait for the same.</summary>
        public Task? Closing { get; set; }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A step of the erasures {Erasures} failed; they go on from where they are in {Interval}.")]
    private partial void LogInterrupted(Exception exception, string erasures, TimeSpan interval);

    [LoggerMessage(Level = LogLevel.Information, Message = "Erasure {Erasure} has ended.")]
    private partial void LogEnded(string erasure);
}
