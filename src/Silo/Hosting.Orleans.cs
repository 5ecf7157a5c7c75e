namespace Auie.Silo;

/// <summary>Starts an Orleans silo in this process.</summary>
public static class ActorHosting
{
    public static void AddActorHost(this WebApplicationBuilder builder) =>
        builder.UseOrleans(silo => silo.UseLocalhostClustering().AddActivityPropagation());
}
