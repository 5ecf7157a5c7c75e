using Auie.Grains;

namespace Auie.Silo;

/// <summary>Starts the built-in host in this process.</summary>
public static class ActorHosting
{
    private const string Section = "Runtime";

    public static void AddActorHost(this WebApplicationBuilder builder)
    {
        var section = builder.Configuration.GetSection(Section);
        section.Check<RuntimeOptions>(Section);
        builder.Services.AddAuieRuntime(options =>
        {
            section.Bind(options);
            options.Assemblies.Add(typeof(UserGrain).Assembly);
        });
    }
}
