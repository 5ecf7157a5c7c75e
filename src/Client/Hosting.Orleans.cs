using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Orleans.Configuration;

namespace Auie.Client;

/// <summary>Connects a program to a cluster of silos, as a client of their grains.</summary>
public static class ClusterClientHosting
{
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Adds <see cref="IClusterClient"/> and <see cref="IGrainFactory"/> of the cluster that the section "Cluster" of the configuration names: by Gateways
    /// (host:port;host:port), or by Postgres, the connection of the database whose table of members says where gateways are, with Schema where the store's is not auie;
    /// and by ClusterId where it is not auie. The program starts once it is connected; which gateways are there is followed from then on.
    /// </summary>
    /// <exception cref="InvalidOperationException">The section has a setting that there is not, says nothing of where the cluster is, or what is no address.</exception>
    public static void AddAuieClusterClient(this IHostApplicationBuilder builder)
    {
        var section = builder.Configuration.GetSection("Cluster");
        section.Check<OrleansSettings>("Cluster");
        if (section["Secret"] is not null)
            throw new InvalidOperationException("Cluster:Secret is given, and Orleans knows no secret: leave it out, and see to it that only silos and clients reach the gateways.");
        var gateways = section["Gateways"];
        var postgres = section["Postgres"];
        if (gateways is null == postgres is null)
            throw new InvalidOperationException("Where is the cluster? Cluster:Gateways says it (host:port;host:port), or Cluster:Postgres, the connection of the database that silos meet in; one of them.");
        var connection = new Connection();
        builder.Services.AddSingleton<IClusterConnection>(connection);
        builder.UseOrleansClient(client =>
        {
            client.AddGatewayCountChangedHandler((_, now) => connection.IsOpen = now.NumberOfConnectedGateways > 0);
            client.AddActivityPropagation();
            client.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (section["ClusterId"] ?? "auie", "auie"));
            // One that is started before the silos waits for them.
            client.UseConnectionRetryFilter(async (_, stopping) =>
            {
                await Task.Delay(BetweenAttempts, stopping);
                return true;
            });
            if (gateways is not null)
                client.UseStaticClustering([.. gateways.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Address)]);
            else
                client.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = ("Npgsql", Members(postgres!, section["Schema"] ?? "auie")));
        });
    }

    /// <summary>The sections that are read and have defaults: none; what is set is what there is.</summary>
    public static IEnumerable<(string Section, object Defaults)> Defaults() => [];

    private sealed class Connection : IClusterConnection
    {
        private volatile bool _isOpen = true;

        /// <summary>This host has no secrets.</summary>
        public string? Refusal => null;

        /// <summary>True until it is told otherwise: the program starts once it is connected.</summary>
        public bool IsOpen
        {
            get => _isOpen;
            set => _isOpen = value;
        }
    }

    /// <summary>The connection, with the schema in which the silos of that store keep who they are.</summary>
    private static string Members(string postgres, string store)
    {
        // Neither the text nor what is wrong with it: either may hold the password.
        var settings = Parsed(postgres) ?? throw new InvalidOperationException("Cluster:Postgres cannot be read; it is like 'Host=db.example;Database=auie;Username=auie;Password=…'.");
        settings.SearchPath = store + "_orleans";
        return settings.ConnectionString;
    }

    private static NpgsqlConnectionStringBuilder? Parsed(string connection)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(connection);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            return null;
        }
    }

    private static IPEndPoint Address(string gateway)
    {
        var colon = gateway.LastIndexOf(':');
        if (colon < 1 || !ushort.TryParse(gateway.AsSpan(colon + 1), out var port) || port == 0)
            throw new InvalidOperationException($"Cluster:Gateways has '{gateway}'; it is a host and a port, such as silo-1.example:30000.");
        var host = gateway[..colon].Trim('[', ']');
        if (IPAddress.TryParse(host, out var address))
            return new IPEndPoint(address, port);
        try
        {
            return new IPEndPoint(Dns.GetHostAddresses(host)[0], port);
        }
        catch (SocketException e)
        {
            throw new InvalidOperationException($"Cluster:Gateways has '{gateway}', and no address of '{host}' is known.", e);
        }
    }
}
