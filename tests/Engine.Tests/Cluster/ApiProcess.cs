using Auie.Engine.Tests.Processes;

namespace Auie.Engine.Tests.Cluster;

/// <summary>Starts the API in a process of its own, as a client of silos.</summary>
internal static class ApiProcess
{
    /// <param name="arguments">Besides where it serves.</param>
    public static async Task<SiloProcess> StartAsync(params string[] arguments)
    {
        var api = SiloProcess.LaunchProgram("Auie.Api.dll", ["--urls", "http://127.0.0.1:0", .. arguments]);
        await api.ServingAsync();
        return api;
    }
}
