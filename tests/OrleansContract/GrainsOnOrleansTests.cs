namespace Auie.OrleansContract.Tests;

public sealed class GrainsOnOrleansTests
{
    [Fact]
    public void Every_grain_class_compiles_against_Orleans_and_derives_from_its_Grain()
    {
        typeof(Grain).Assembly.GetName().Name.ShouldBe("Orleans.Core.Abstractions");
        var grains = typeof(GrainsOnOrleansTests).Assembly.GetTypes()
            .Where(t => t is { IsClass: true, IsAbstract: false } && t.GetInterfaces().Any(i => i != typeof(IGrain) && typeof(IGrain).IsAssignableFrom(i)))
            .ToList();
        grains.ShouldNotBeEmpty();
        grains.ShouldAllBe(t => typeof(Grain).IsAssignableFrom(t));
    }

    [Fact]
    public void Every_grain_interface_has_a_class()
    {
        var types = typeof(GrainsOnOrleansTests).Assembly.GetTypes();
        var interfaces = types.Where(t => t.IsInterface && typeof(IGrain).IsAssignableFrom(t)).ToList();
        interfaces.ShouldNotBeEmpty();
        foreach (var type in interfaces)
            types.ShouldContain(t => t.IsClass && type.IsAssignableFrom(t), type.Name);
    }
}
