namespace Auie.Abstractions;

/// <summary>The silos that serve the engine. Key: tenant.</summary>
[Alias("auie.silos")]
public interface ISilosGrain : IGrainWithStringKey
{
    /// <summary>Every silo, by name.</summary>
    [AlwaysInterleave]
    Task<SiloView[]> List(CancellationToken cancellationToken);

    /// <summary>Has a silo hand all that it serves over to the others and take nothing more, until it is told to <see cref="Resume"/> or starts again.</summary>
    /// <returns>Whether there is such a silo.</returns>
    /// <exception cref="InvalidRequestException">It is the only one, or the host does not hand over by order.</exception>
    [AlwaysInterleave]
    Task<bool> Drain(string name, CancellationToken cancellationToken);

    /// <summary>Has a silo that was drained take its share again.</summary>
    /// <returns>Whether there is such a silo.</returns>
    /// <exception cref="InvalidRequestException">The host does not hand over by order.</exception>
    [AlwaysInterleave]
    Task<bool> Resume(string name, CancellationToken cancellationToken);
}

/// <summary>One silo, and what it says of itself.</summary>
[GenerateSerializer, Immutable, Alias("auie.silo-view")]
public sealed record SiloView
{
    [Id(0)] public required string Name { get; init; }

    /// <summary>Where other silos and clients connect to it; empty for a silo that is alone.</summary>
    [Id(1)] public required string Address { get; init; }

    /// <summary>"active"; "draining", or "drained" once it serves nothing any more; "cut off", where the others cannot talk to it, so that it gives its slots away until they can; or "expired": its lease has run out, and the others take over. Where nobody could be asked, "not reached": the process that answers has no connection to it.</summary>
    [Id(2)] public required string Status { get; init; }

    /// <summary>The version of its program.</summary>
    [Id(3)] public required string Version { get; init; }

    /// <summary>Which slots it serves: as many as the journal has partitions, of the same numbers. Empty where the host does not divide by slots.</summary>
    [Id(4)] public required int[] Slots { get; init; }

    /// <summary>How many grains it holds.</summary>
    [Id(5)] public int Activations { get; init; }

    /// <summary>Roughly how many calls wait or are under way in it.</summary>
    [Id(6)] public long Pending { get; init; }

    /// <summary>The memory of its process, in bytes.</summary>
    [Id(7)] public long MemoryBytes { get; init; }
}
