using Auie.Abstractions;
using Auie.Runtime.Cluster;
using Microsoft.Extensions.Options;

namespace Auie.Silo.Cluster;

/// <summary>
/// What the configuration says of a silo's part in a cluster. The host itself refuses what it cannot work by only when it starts, and by then the database has been opened and
/// brought up to date: this has it refuse the same before.
/// </summary>
internal static class ClusterSettings
{
    /// <exception cref="InvalidOperationException">A setting, or what some are together, cannot be; the message says which.</exception>
    /// <exception cref="FormatException">An address is none.</exception>
    public static void Check(Action<ClusterOptions> configure)
    {
        // As the host reads them, with the secret from its file.
        var services = new ServiceCollection();
        services.AddAuieClusterClient(Placement.SlotOf, configure);
        using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<IOptions<ClusterOptions>>().Value.Validate();
    }
}
