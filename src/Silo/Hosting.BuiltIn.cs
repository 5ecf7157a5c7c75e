using Auie.Grains;

namespace Auie.Silo;

/// <summary>Starts the built-in host in this process.</summary>
public static class ActorHosting
{
    public static void AddActorHost(this WebApplicationBuilder builder) =>
        builder.Services.AddAuieRuntime(options =>
        {
            builder.Configuration.GetSection("Runtime").Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
            options.Assemblies.Add(typeof(UserGrain).Assembly);
        });
}
