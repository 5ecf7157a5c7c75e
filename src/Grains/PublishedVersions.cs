using System.Buffers.Binary;
using System.Collections.Concurrent;
using Auie.Storage;

namespace Auie.Grains;

/// <summary>
/// Which version of something is published, by tenant, as this silo read it last. Who asks while it is being read waits for the same read, unless that began too long ago for what it reads
/// to be gone by: however long the store takes, it is asked once in <see cref="EngineOptions.PublicationAge"/>.
/// </summary>
/// <param name="key">Of the document that has the version.</param>
internal sealed class PublishedVersions(IEngineStore store, Publications publications, TimeProvider time, string key)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Reading> _readings = [];
    private readonly ConcurrentDictionary<string, (long Version, long ReadAt)> _known = new();

    /// <summary>The version, where what is known of it is recent; 0 or less for none.</summary>
    public bool TryGet(string tenant, out long version)
    {
        var isRecent = _known.TryGetValue(tenant, out var known) && publications.IsRecent(known.ReadAt);
        version = known.Version;
        return isRecent;
    }

    /// <summary>The version as the store had it at a moment that is recent.</summary>
    public Task<long> ReadAsync(string tenant, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var reading = _readings.TryGetValue(tenant, out var last) && !last.Version.IsCompleted && publications.IsRecent(last.BeganAt) ? last : Begin(tenant);
            return reading.Version.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The version as the store has it from now on.</summary>
    public Task<long> RefreshAsync(string tenant, CancellationToken cancellationToken)
    {
        lock (_gate)
            return Begin(tenant).Version.WaitAsync(cancellationToken);
    }

    /// <summary>Says that this silo has just published a version, or withdrawn it (0), so that its next read sees it.</summary>
    public void Announce(string tenant, long version) => _known[tenant] = (version, time.GetTimestamp());

    /// <summary>Reads on nobody's turn and for nobody's deadline: others wait for it, too.</summary>
    private Reading Begin(string tenant)
    {
        var beganAt = time.GetTimestamp();
        return _readings[tenant] = new Reading(beganAt, Task.Run(() => AskStoreAsync(tenant, beganAt)));
    }

    private async Task<long> AskStoreAsync(string tenant, long beganAt)
    {
        var bytes = await store.ReadDocumentAsync(tenant, Documents.Published, key, CancellationToken.None).OrUnavailable();
        var version = bytes is null ? 0 : BinaryPrimitives.ReadInt64LittleEndian(bytes);
        // A read that began before a publication was announced must not take it back.
        _known.AddOrUpdate(tenant, (version, beganAt), (_, known) => known.ReadAt >= beganAt ? known : (version, beganAt));
        return version;
    }

    private sealed record Reading(long BeganAt, Task<long> Version);
}
