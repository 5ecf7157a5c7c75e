using Auie.Abstractions;
using Auie.Core.Segments;

namespace Auie.Grains;

/// <summary>The members of the segments that users are compared with, for silhouettes of their own.</summary>
public sealed partial class FeatureShardGrain
{
    private (SegmentReference Rows, long Changes, long MadeAt)? _reference;

    public async Task<SegmentDistancesPart> Compare(long version, float[] points, string[] without, CancellationToken cancellationToken)
    {
        var reference = await ReferenceAsync(version, cancellationToken);
        // One user takes less time than handing it on, and need not wait for a job's steps.
        return (without.Length == 1 ? reference.Compare(points, without) : await pool.Run(() => reference.Compare(points, without), cancellationToken)).ToMessage();
    }

    public async Task<LeaningPart> GetLeaning(long version, int segment, int count, CancellationToken cancellationToken)
    {
        var reference = await ReferenceAsync(version, cancellationToken);
        var leaning = await pool.Run(() => reference.LeaningAway(segment, count), cancellationToken);
        var (members, kept) = reference.Count(segment);
        return new LeaningPart(
            [.. leaning.Select(member => member.User)],
            [.. leaning.SelectMany(member => reference.Row(member).ToArray())],
            [.. leaning.Select(member => member.SimplifiedSilhouette)],
            members,
            kept);
    }

    /// <summary>Made anew where somebody changed or time went on, though no more often than <see cref="EngineOptions.SilhouetteAge"/> says: it takes a look at everybody.</summary>
    private async ValueTask<SegmentReference> ReferenceAsync(long version, CancellationToken cancellationToken)
    {
        var live = await LiveAsync(version, cancellationToken);
        if (_reference is { } known && known.Rows.Model.Version == version
            && ((known.Changes == _users.Changes && known.Rows.AsOf == live.AsOf) || time.GetElapsedTime(known.MadeAt) < options.Value.SilhouetteAge))
        {
            return known.Rows;
        }

        var rows = SegmentReference.Of(_users, live, (options.Value.SilhouetteMembers + store.Partitions - 1) / store.Partitions);
        _reference = (rows, _users.Changes, time.GetTimestamp());
        return rows;
    }
}
