using Auie.Abstractions;
using Auie.Runtime.Cluster;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Auie.Client;

/// <summary>Connects a program to a cluster of silos.</summary>
public static class ClusterClientHosting
{
    /// <summary>
    /// Adds <see cref="IClusterClient"/> and <see cref="IGrainFactory"/>, whose grains live in the silos that the configuration's section Cluster names: Gateways
    /// (host:port of some silos, separated by ';') and, unless these are on this machine, the Secret that they share. It looks for them before anything else of the program starts,
    /// for StartWait (2 s) at the most, and ends where each of them refuses its secret; else the program starts, and calls wait, within their deadline, until a silo is found.
    /// </summary>
    /// <exception cref="InvalidOperationException">No gateway is configured, or a setting that there is not.</exception>
    public static void AddAuieClusterClient(this IHostApplicationBuilder builder)
    {
        var cluster = builder.Configuration.GetSection(ClusterOptions.Section);
        if (string.IsNullOrWhiteSpace(cluster["Gateways"]))
            throw new InvalidOperationException("Cluster:Gateways is not set: the addresses of some silos, host:port, separated by ';'.");
        cluster.Check<ClusterOptions>(ClusterOptions.Section);
        builder.Services.AddAuieRuntime(options => options.Assemblies.Add(typeof(IUserGrain).Assembly));
        builder.Services.AddAuieClusterClient(Placement.SlotOf, options =>
        {
            options.Name = DefaultName;
            cluster.Bind(options);
        });
        builder.Services.AddSingleton<IClusterConnection, Connection>();
        builder.Services.AddSingleton<IKnownSilos, KnownSilos>();
    }

    /// <summary>The section that is read, with its defaults. Of the settings of silos a client has use for few, and lets the others stand, so that both may be given one file.</summary>
    public static IEnumerable<(string Section, object Defaults)> Defaults() => [(ClusterOptions.Section, new ClusterOptions { Name = DefaultName })];

    private static string DefaultName => $"{Environment.MachineName}-{Environment.ProcessId}";

    private sealed class Connection(IClusterState cluster) : IClusterConnection
    {
        public bool IsOpen => cluster.IsReady;

        public string? Refusal => cluster.SecretRefusal;
    }
}
