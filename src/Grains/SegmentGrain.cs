using Auie.Abstractions;
using Auie.Core.Segments;
using Auie.Storage;

namespace Auie.Grains;

/// <summary>One segment of a published model. Its size and live centroid are those of now: made of the sums that the feature shards keep.</summary>
public sealed class SegmentGrain(IEngineStore store, PublishedModels models) : Grain, ISegmentGrain
{
    /// <summary>The most members that one page holds.</summary>
    public const int MaxPage = 1_000;

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

    /// <summary>There is no such segment, and no reason to keep this activation.</summary>
    private T? Nothing<T>() where T : class
    {
        DeactivateOnIdle();
        return null;
    }

    private IFeatureShardGrain Shard(int number) =>
        GrainFactory.GetGrain<IFeatureShardGrain>(GrainKeys.Shard(_tenant, DataSets.Users, number));
}
