namespace Auie.Client;

/// <summary>
/// The section "Cluster" of a process that is a client of an Orleans cluster. Of the settings of silos a client has use for few, and lets the others stand, so that both may be given one
/// file; a name that is none of these is refused.
/// </summary>
internal sealed record OrleansSettings
{
    /// <summary>Where gateways are: host:port, several separated by ';'.</summary>
    public string? Gateways { get; init; }

    /// <summary>The connection of the database whose table of members says where gateways are, in place of <see cref="Gateways"/>.</summary>
    public string? Postgres { get; init; }

    /// <summary>The schema of the store there; auie unless told otherwise.</summary>
    public string? Schema { get; init; }

    /// <summary>The cluster, among those that share the table of members.</summary>
    public string? ClusterId { get; init; }

    /// <summary>Refused: Orleans has none.</summary>
    public string? Secret { get; init; }

    /// <summary>A silo's.</summary>
    public string? Name { get; init; }

    /// <summary>A silo's.</summary>
    public string? Listen { get; init; }

    /// <summary>A silo's.</summary>
    public string? Advertise { get; init; }

    /// <summary>A silo's.</summary>
    public int GatewayPort { get; init; }

    /// <summary>A silo's.</summary>
    public TimeSpan ProbeTimeout { get; init; }
}
