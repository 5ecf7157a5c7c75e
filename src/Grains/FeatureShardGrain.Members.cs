using Auie.Abstractions;
using Auie.Core.Segments;

namespace Auie.Grains;

/// <summary>Who is in which segment now: a pure function of the facts, a published model and the instant, kept up for the versions that were asked for last.</summary>
public sealed partial class FeatureShardGrain
{
    /// <summary>How many versions are kept up: the published one, and one before it that somebody still looks at, or a job compares with.</summary>
    private const int Versions = 2;

    /// <summary>No message is as long on its way.</summary>
    private static readonly TimeSpan ForgetGoneAfter = TimeSpan.FromMinutes(10);

    /// <summary>The version that was asked for last comes first.</summary>
    private readonly List<LiveSegments> _live = [];

    public async Task<LiveSegmentsPart> GetLive(long version, CancellationToken cancellationToken)
    {
        var live = await LiveAsync(version, cancellationToken);
        return live.Sums.ToMessage(live.AsOf);
    }

    public async Task<string[]> GetMembers(long version, int segment, string? after, int count, CancellationToken cancellationToken)
    {
        var live = await LiveAsync(version, cancellationToken);
        return [.. live.Members(segment, after).Take(count)];
    }

    /// <summary>
    /// The segments of a version as they are now. Everybody is put into them in one go when it is first asked for: a user who is put before that comes with the others, and
    /// one who is put after that moves alone.
    /// </summary>
    private async ValueTask<LiveSegments> LiveAsync(long version, CancellationToken cancellationToken)
    {
        var live = Find(version);
        if (live is null)
        {
            var model = await models.GetAsync(_tenant, version, cancellationToken)
                ?? throw new InvalidRequestException("version", $"there is no model version {version}");
            // Another call may have come this far first while the model was read.
            live = Find(version) ?? _users.Follow(model, models.AsOfNow(_tenant, model));
        }

        _live.Remove(live);
        _live.Insert(0, live);
        if (_live.Count > Versions)
        {
            _users.Unfollow(_live[^1]);
            _live.RemoveAt(Versions);
        }

        live.Advance(models.AsOfNow(_tenant, live.Model));
        return live;
    }

    private LiveSegments? Find(long version) => _live.Find(live => live.Model.Version == version);

    /// <summary>Moves those whom time has moved, so that a reader need not wait for it.</summary>
    private Task CatchUp()
    {
        foreach (var live in _live)
            live.Advance(models.AsOfNow(_tenant, live.Model));
        return Task.CompletedTask;
    }

    private Task ForgetGone()
    {
        _users.ForgetGone();
        return Task.CompletedTask;
    }
}
