using System.Globalization;
using Auie.Abstractions;
using Auie.Core.Codecs;
using Auie.Core.Recommendation;
using Auie.Storage;
using Microsoft.Extensions.Logging;

namespace Auie.Grains;

/// <summary>The rankers that this silo knows, by version, and which one ranks. What another silo published is seen within <see cref="EngineOptions.PublicationAge"/>.</summary>
public sealed partial class PublishedRankers
{
    /// <summary>What answers call what ranks while no ranker is published.</summary>
    public const string Baseline = "baseline";

    private const string Prefix = "ranker-";

    private readonly IEngineStore _store;
    private readonly ILogger<PublishedRankers> _logger;
    private readonly VersionsAtHand<PublishedRanker> _rankers;
    private readonly PublishedVersions _versions;

    public PublishedRankers(IEngineStore store, Publications publications, TimeProvider time, ILogger<PublishedRankers> logger)
    {
        (_store, _logger) = (store, logger);
        _rankers = new(ReadAsync);
        _versions = new(store, publications, time, Documents.CurrentRanker);
    }

    /// <summary>The ranker that ranks, or null while that is the baseline.</summary>
    public ValueTask<PublishedRanker?> CurrentAsync(string tenant, CancellationToken cancellationToken) =>
        !_versions.TryGet(tenant, out var version) ? OfAsync(tenant, _versions.ReadAsync(tenant, cancellationToken), cancellationToken)
            : version <= 0 ? default : GetAsync(tenant, version, cancellationToken);

    /// <summary>As the store has it at this moment.</summary>
    public ValueTask<PublishedRanker?> RefreshAsync(string tenant, CancellationToken cancellationToken) =>
        OfAsync(tenant, _versions.RefreshAsync(tenant, cancellationToken), cancellationToken);

    private async ValueTask<PublishedRanker?> OfAsync(string tenant, Task<long> reading, CancellationToken cancellationToken)
    {
        var version = await reading;
        // Another silo may have dropped any but this one, and they would stay for ever.
        _rankers.RemoveAllBut(tenant, version);
        return await GetAsync(tenant, version, cancellationToken);
    }

    /// <summary>The ranker of that version, or null; null, too, of one that this program cannot read, so that the baseline ranks in its place.</summary>
    public ValueTask<PublishedRanker?> GetAsync(string tenant, long version, CancellationToken cancellationToken)
    {
        return _rankers.TryGet(tenant, version, out var known) ? ValueTask.FromResult(known) : RankerOf(_rankers.GetAsync(tenant, version, cancellationToken));

        static async ValueTask<PublishedRanker?> RankerOf(Task<PublishedRanker?> reading)
        {
            try
            {
                return await reading;
            }
            catch (CodecException)
            {
                return null;
            }
        }
    }

    private async Task<PublishedRanker?> ReadAsync(string tenant, long version)
    {
        if (await _store.ReadDocumentAsync(tenant, Documents.Ranker, Documents.Key(version), CancellationToken.None).OrUnavailable() is not { } bytes)
            return null;
        try
        {
            return PublishedRankerCodec.Decode(bytes);
        }
        catch (CodecException e)
        {
            LogNotRead(e, version, tenant);
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Ranker {Version} of {Tenant} cannot be read; the baseline ranks in its place.")]
    private partial void LogNotRead(Exception exception, long version, string tenant);

    /// <summary>The ranker that an answer named so; null for the baseline.</summary>
    /// <exception cref="InvalidRequestException">There is none of that name, or not any more.</exception>
    public async ValueTask<PublishedRanker?> NamedAsync(string tenant, string name, CancellationToken cancellationToken)
    {
        if (name == Baseline)
            return null;
        // As the store has it: what another silo dropped ranks nothing any more.
        await RefreshAsync(tenant, cancellationToken);
        return name.StartsWith(Prefix, StringComparison.Ordinal) && long.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            && await GetAsync(tenant, version, cancellationToken) is { } ranker ? ranker : throw new InvalidRequestException("ranker", $"there is no ranker '{name}'");
    }

    /// <summary>Says that this silo has just had a version rank (0: the baseline), so that its next read sees it.</summary>
    internal void Announce(string tenant, long version, PublishedRanker? ranker)
    {
        if (ranker is not null)
            _rankers.Add(tenant, version, ranker);
        _versions.Announce(tenant, version);
    }

    /// <summary>Says that versions are not kept any more.</summary>
    internal void Forget(string tenant, IEnumerable<long> versions)
    {
        foreach (var version in versions)
            _rankers.Remove(tenant, version);
    }
}
