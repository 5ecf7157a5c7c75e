using System.Buffers.Binary;
using Auie.Abstractions;
using Auie.Core.Features;
using Auie.Core.Segments;
using Auie.Storage;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>
/// The segmentations that this silo knows, by version, and which one is published. What another silo published is seen within
/// <see cref="EngineOptions.PublicationAge"/>; an old version stays readable for as long as the store has it.
/// </summary>
public sealed class PublishedModels
{
    private static readonly TimeSpan RecordedLongAgo = TimeSpan.FromDays(30);

    private readonly IEngineStore _store;
    private readonly TimeProvider _time;
    private readonly IOptions<EngineOptions> _options;
    private readonly VersionsAtHand<Publication> _models;
    private readonly PublishedVersions _versions;

    public PublishedModels(IEngineStore store, Publications publications, TimeProvider time, IOptions<EngineOptions> options)
    {
        (_store, _time, _options) = (store, time, options);
        _models = new(ReadAsync);
        _versions = new(store, publications, time, Documents.CurrentSegmentation);
    }

    /// <summary>The published model, or null while there is none.</summary>
    public ValueTask<SegmentModel?> CurrentAsync(string tenant, CancellationToken cancellationToken) =>
        !_versions.TryGet(tenant, out var version) ? OfAsync(tenant, _versions.ReadAsync(tenant, cancellationToken), cancellationToken)
            : version <= 0 ? default : GetAsync(tenant, version, cancellationToken);

    /// <summary>The published model as the store has it at this moment, or null.</summary>
    public ValueTask<SegmentModel?> RefreshAsync(string tenant, CancellationToken cancellationToken) =>
        OfAsync(tenant, _versions.RefreshAsync(tenant, cancellationToken), cancellationToken);

    /// <summary>The model of that version, or null.</summary>
    public ValueTask<SegmentModel?> GetAsync(string tenant, long version, CancellationToken cancellationToken)
    {
        return _models.TryGet(tenant, version, out var known) ? ValueTask.FromResult<SegmentModel?>(known!.Model) : ModelOf(_models.GetAsync(tenant, version, cancellationToken));

        static async ValueTask<SegmentModel?> ModelOf(Task<Publication?> reading) => (await reading)?.Model;
    }

    private async Task<Publication?> ReadAsync(string tenant, long version)
    {
        if (await _store.ReadDocumentAsync(tenant, Documents.Model, Documents.Key(version), CancellationToken.None).OrUnavailable() is not { } bytes)
            return null;
        var at = await _store.ReadDocumentAsync(tenant, Documents.Published, Documents.Key(version), CancellationToken.None).OrUnavailable();
        return new Publication(SegmentModelCodec.Decode(bytes), at is null ? null : PublicationCodec.Decode(at));
    }

    /// <summary>
    /// The instant at which users are put into a model's segments now: time goes on from the model's own as-of since it was published, in whole steps of
    /// <see cref="EngineOptions.LiveStep"/>. Of a model that was published before that was written down it stands still.
    /// </summary>
    public DateTimeOffset AsOfNow(string tenant, SegmentModel model)
    {
        if (!_models.TryGet(tenant, model.Version, out var known) || known!.At is not { } published)
            return model.AsOf;
        var passed = Math.Clamp((_time.GetUtcNow() - published).Ticks, 0, DateTimeOffset.MaxValue.UtcTicks - model.AsOf.UtcTicks);
        return model.AsOf.AddTicks(passed - passed % _options.Value.LiveStep.Ticks);
    }

    /// <summary>
    /// The instant that it is now for recommendations. Where the last event was long before the published model was made, the data is a record of another time (a
    /// demo, imported tables), and time goes on from its end, as it does for segments; else it is what the clock says.
    /// </summary>
    public DateTimeOffset Now(string tenant, SegmentModel? model)
    {
        var now = _time.GetUtcNow();
        return model is not null && AsOfNow(tenant, model) is var asOf && now - asOf > RecordedLongAgo ? asOf : now;
    }

    /// <summary>The segment of a user with such facts; null where they have no row by the model's features.</summary>
    public static SegmentName? Label(SegmentModel model, IFacts facts, DateTimeOffset asOf)
    {
        if (model.Features.RowsOf(facts) == 0)
            return null;
        var sources = new double[model.Features.Count];
        model.Features.Sources(facts, sources);
        var label = model.Label(sources, asOf);
        return new SegmentName(label, model.Segments[label].Persona);
    }

    /// <summary>Says that this silo has just published a version, so that its next read sees it.</summary>
    public void Announce(string tenant, SegmentModel model, DateTimeOffset publishedAt)
    {
        _models.Add(tenant, model.Version, new Publication(model, publishedAt));
        _versions.Announce(tenant, model.Version);
    }

    internal static byte[] EncodeVersion(long version)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, version);
        return bytes;
    }

    /// <summary>What stands in place of the published version once that was withdrawn: its number, so that no other version gets it.</summary>
    internal static byte[] EncodeWithdrawn(long version) => EncodeVersion(-version);

    /// <summary>The last version that was published, be it withdrawn since; 0 for none.</summary>
    internal async Task<long> LastVersionAsync(string tenant, CancellationToken cancellationToken) =>
        await _store.ReadDocumentAsync(tenant, Documents.Published, Documents.CurrentSegmentation, cancellationToken).OrUnavailable() is { } bytes
            ? Math.Abs(BinaryPrimitives.ReadInt64LittleEndian(bytes)) : 0;

    /// <summary>Says that this silo has just dropped a version.</summary>
    /// <param name="isWithdrawn">Whether it was the published one: then none is.</param>
    internal void Forget(string tenant, long version, bool isWithdrawn)
    {
        _models.Remove(tenant, version);
        if (isWithdrawn)
            _versions.Announce(tenant, 0);
    }

    private async ValueTask<SegmentModel?> OfAsync(string tenant, Task<long> reading, CancellationToken cancellationToken) =>
        await reading is > 0 and var version ? await GetAsync(tenant, version, cancellationToken) : null;

    /// <summary>A model, and when it was published; null where nobody wrote that down.</summary>
    private sealed record Publication(SegmentModel Model, DateTimeOffset? At);
}
