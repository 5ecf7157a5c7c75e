using Auie.Abstractions;
using Auie.Core.Segments;
using Auie.Storage;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>One segment of a published model. Its size and live centroid are those of now: made of the sums that the feature shards keep.</summary>
public sealed class SegmentGrain(IEngineStore store, PublishedModels models, IOptions<EngineOptions> options) : Grain, ISegmentGrain
{
    /// <summary>The most members that one page holds.</summary>
    public const int MaxPage = 1_000;

    /// <summary>The most members that are told to be at the border.</summary>
    public const int MaxBorder = 100;

    // Among so many times as many who lean away, by centroids, are those whose silhouettes are lowest.
    private const int CandidatesFor = 4;

    private string _tenant = "";
    private long _version;
    private int _segment;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = GrainKeys.Split(this.GetPrimaryKeyString(), 3);
        _tenant = key[0];
        _version = long.Parse(key[1]);
        _segment = int.Parse(key[2]);
        return Task.CompletedTask;
    }

    public async Task<SegmentView?> Get(CancellationToken cancellationToken)
    {
        if (await models.GetAsync(_tenant, _version, cancellationToken) is not { } model || _segment < 0 || _segment >= model.Segments.Length)
            return Nothing<SegmentView>();
        var parts = await Task.WhenAll(Enumerable.Range(0, store.Partitions).Select(shard => Shard(shard).GetLive(_version, cancellationToken)));
        var sums = new LiveSums(model);
        foreach (var part in parts)
            sums.Merge(part.ToCore(model));
        return SegmentationViews.Live(model, _segment, sums, parts.Max(part => part.AsOf));
    }

    public async Task<MemberPage?> Members(string? cursor, int count, CancellationToken cancellationToken)
    {
        if (count is < 1 or > MaxPage)
            throw new InvalidRequestException("count", $"{count} is not in 1 to {MaxPage}");
        if (await models.GetAsync(_tenant, _version, cancellationToken) is not { } model || _segment < 0 || _segment >= model.Segments.Length)
            return Nothing<MemberPage>();

        // A cursor is the shard and the last user that was seen there.
        var (shard, after) = (0, default(string));
        if (cursor is not null)
        {
            var dot = cursor.IndexOf('.', StringComparison.Ordinal);
            if (dot < 1 || !int.TryParse(cursor.AsSpan(0, dot), out shard) || shard < 0 || shard >= store.Partitions)
                throw new InvalidRequestException("cursor", $"'{cursor}' was not given by a page before");
            after = cursor[(dot + 1)..];
        }

        var members = new List<string>();
        for (; shard < store.Partitions; shard++, after = null)
        {
            var page = await Shard(shard).GetMembers(_version, _segment, after, count - members.Count, cancellationToken);
            members.AddRange(page);
            if (members.Count == count)
                return new MemberPage(_version, [.. members], $"{shard}.{members[^1]}");
        }

        return new MemberPage(_version, [.. members], null);
    }

    public async Task<BorderView?> Border(int count, CancellationToken cancellationToken)
    {
        if (count is < 1 or > MaxBorder)
            throw new InvalidRequestException("count", $"{count} is not in 1 to {MaxBorder}");
        if (await models.GetAsync(_tenant, _version, cancellationToken) is not { } model || _segment < 0 || _segment >= model.Segments.Length)
            return Nothing<BorderView>();
        var candidates = CandidatesFor * count;
        var parts = await Task.WhenAll(Enumerable.Range(0, store.Partitions).Select(shard => Shard(shard).GetLeaning(_version, _segment, candidates, cancellationToken)));
        var columns = model.Features.Count;
        var leaning = parts
            .SelectMany(part => part.Users.Select((user, i) => (User: user, Simplified: part.Simplified[i], Row: part.Rows.AsMemory(i * columns, columns))))
            .OrderBy(one => one.Simplified).ThenBy(one => one.User, StringComparer.Ordinal).Take(candidates).ToArray();
        var silhouettes = leaning.Length == 0 ? [] : await SegmentComparison.OfAsync(
            GrainFactory, _tenant, store.Partitions, model, [.. leaning.Select(one => (one.User, _segment))], [.. leaning.SelectMany(one => one.Row.ToArray())],
            options.Value.SilhouetteConfidence, cancellationToken);
        var (members, considered) = (parts.Sum(part => part.Members), parts.Sum(part => part.Considered));
        var exact = silhouettes.All(one => one.IsExact);
        return new BorderView(
            _version, _segment, members, considered, SegmentComparison.Method(exact), exact ? 1 : options.Value.SilhouetteConfidence,
            [.. leaning.Zip(silhouettes).OrderBy(one => one.Second.Value).ThenBy(one => one.First.User, StringComparer.Ordinal).Take(count).Select(one => new BorderMember(
                one.First.User, one.Second.Value, one.Second.PracticalError, one.Second.Neighbour,
                one.Second.Neighbour is { } neighbour ? model.Segments[neighbour].Persona : null))]);
    }

    /// <summary>There is no such segment, and no reason to keep this activation.</summary>
    private T? Nothing<T>() where T : class
    {
        DeactivateOnIdle();
        return null;
    }

    private IFeatureShardGrain Shard(int number) =>
        GrainFactory.GetGrain<IFeatureShardGrain>(GrainKeys.Shard(_tenant, DataSets.Users, number));
}
