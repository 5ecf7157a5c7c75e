using Auie.Abstractions;

namespace Auie.Grains;

/// <summary>Who serves the engine, as the host knows it; each host has its own.</summary>
public interface ISiloDirectory
{
    /// <summary>Every silo, by name.</summary>
    Task<SiloView[]> ListAsync(CancellationToken cancellationToken);

    /// <summary>Has a silo give away what it serves, or take its share again.</summary>
    /// <returns>Whether there is such a silo.</returns>
    /// <exception cref="InvalidRequestException">The host does not hand over by order.</exception>
    Task<bool> SetDrainingAsync(string name, bool draining, CancellationToken cancellationToken);
}

/// <summary>Tells of the silos what <see cref="ISiloDirectory"/> knows.</summary>
public sealed class SilosGrain(ISiloDirectory silos) : Grain, ISilosGrain
{
    public Task<SiloView[]> List(CancellationToken cancellationToken) => silos.ListAsync(cancellationToken).OrUnavailable();

    public async Task<bool> Drain(string name, CancellationToken cancellationToken)
    {
        var active = (await silos.ListAsync(cancellationToken).OrUnavailable()).Where(silo => silo.Status == "active").ToArray();
        return active is not [var only] || only.Name != name
            ? await silos.SetDrainingAsync(name, draining: true, cancellationToken).OrUnavailable()
            : throw new InvalidRequestException("", $"'{name}' is the only active silo; nobody could take over.");
    }

    public Task<bool> Resume(string name, CancellationToken cancellationToken) => silos.SetDrainingAsync(name, draining: false, cancellationToken).OrUnavailable();
}
