using Auie.Engine.Tests.Processes;

namespace Auie.Engine.Tests.Cluster;

/// <summary>Starts the API in a process of its own, as a client of silos.</summary>
internal static class ApiProcess
{
    public static async Task<SiloProcess> StartAsync(string gateways, params string[] settings)
    {
        var api = SiloProcess.LaunchProgram(
            "Auie.Api.dll", ["--gateways", gateways, "--urls", "http://127.0.0.1:0", .. settings.SelectMany(setting => new[] { "--set", setting })]);
        await api.ServingAsync();
        return api;
    }
}
