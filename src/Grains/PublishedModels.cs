using System.Buffers.Binary;
using System.Collections.Concurrent;
using Auie.Core.Segments;
using Auie.Storage;

namespace Auie.Grains;

/// <summary>
/// The segmentations that this silo knows, by version, and which one is published. What another silo published is seen within
/// <see cref="RefreshAfter"/>; an old version stays readable for as long as the store has it.
/// </summary>
public sealed class PublishedModels(IEngineStore store, TimeProvider time)
{
    /// <summary>How long the number of the published version is taken for granted.</summary>
    public static readonly TimeSpan RefreshAfter = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(string Tenant, long Version), SegmentModel> _models = new();
    private readonly ConcurrentDictionary<string, (long Version, long ReadAt)> _current = new();

    /// <summary>The published model, or null while there is none.</summary>
    public ValueTask<SegmentModel?> CurrentAsync(string tenant, CancellationToken cancellationToken)
    {
        if (_current.TryGetValue(tenant, out var current) && time.GetElapsedTime(current.ReadAt) < RefreshAfter)
        {
            if (current.Version == 0)
                return default;
            if (_models.TryGetValue((tenant, current.Version), out var model))
                return ValueTask.FromResult<SegmentModel?>(model);
        }

        return ReadCurrentAsync(tenant, cancellationToken);
    }

    /// <summary>The published model as the store has it at this moment, or null.</summary>
    public ValueTask<SegmentModel?> RefreshAsync(string tenant, CancellationToken cancellationToken) => ReadCurrentAsync(tenant, cancellationToken);

    /// <summary>The model of that version, or null.</summary>
    public async ValueTask<SegmentModel?> GetAsync(string tenant, long version, CancellationToken cancellationToken)
    {
        if (_models.TryGetValue((tenant, version), out var model))
            return model;
        if (version <= 0 || await store.ReadDocumentAsync(tenant, Documents.Model, Documents.Key(version), cancellationToken).OrUnavailable() is not { } bytes)
            return null;
        return _models.GetOrAdd((tenant, version), SegmentModelCodec.Decode(bytes));
    }

    /// <summary>Says that this silo has just published a version, so that its next read sees it.</summary>
    public void Announce(string tenant, SegmentModel model)
    {
        _models[(tenant, model.Version)] = model;
        _current[tenant] = (model.Version, time.GetTimestamp());
    }

    internal static byte[] EncodeVersion(long version)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, version);
        return bytes;
    }

    private async ValueTask<SegmentModel?> ReadCurrentAsync(string tenant, CancellationToken cancellationToken)
    {
        var readAt = time.GetTimestamp();
        var bytes = await store.ReadDocumentAsync(tenant, Documents.Published, Documents.CurrentSegmentation, cancellationToken).OrUnavailable();
        var version = bytes is null ? 0 : BinaryPrimitives.ReadInt64LittleEndian(bytes);
        // A read that began before a publication was announced must not take it back.
        _current.AddOrUpdate(tenant, (version, readAt), (_, known) => known.ReadAt > readAt ? known : (version, readAt));
        return version == 0 ? null : await GetAsync(tenant, version, cancellationToken);
    }
}
