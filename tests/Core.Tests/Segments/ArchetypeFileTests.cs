using Auie.Core.Features;
using Auie.Core.Segments;

namespace Auie.Core.Tests.Segments;

public sealed class ArchetypeFileTests
{
    [Fact]
    public void The_built_in_archetypes_are_five() => Archetypes.BuiltIn.All.Select(archetype => archetype.Name)
        .ShouldBe(["Silent Observers", "Traditionalists", "Social Butterflies", "Detached Critics", "Enthusiasts"]);

    [Fact]
    public void An_installation_puts_its_own_in_their_place()
    {
        var own = Archetypes.Parse("own.json", """
            { "minimum": 0.8, "deviation": 0.5, "archetypes": [ { "name": "Buyers", "description": "They buy.", "weights": { "buys": 2, "looks": -1 } } ] }
            """);
        var features = FeatureSet.OfTable("t", ["looks", "buys"]);

        var segments = new SegmentNaming(own).Name(features, [new(5, [1, 1], [-1, 2]), new(5, [1, 1], [0.1, 0.2])], withheld: false, earlier: null).Segments;

        segments[0].Persona.ShouldBe("Buyers");
        segments[0].Resemblance!.Value.ShouldBe(1, 1e-12);
        segments[1].Resemblance.ShouldBeNull();
    }

    [Theory]
    [InlineData("""{ "deviation": 0, "archetypes": [] }""", "minimum", "has to be a number from 0.001 to 1")]
    [InlineData("""{ "minimum": 2, "deviation": 0, "archetypes": [] }""", "minimum", "from 0.001 to 1, not 2")]
    [InlineData("""{ "archetypes": [ { "name": "A", "description": "d" } ] }""", "archetype 'A', weights", "is missing")]
    [InlineData("""{ "archetypes": [ { "name": "A", "description": "d", "weights": { "x": "1" } } ] }""", "archetype 'A', weights, x", "has to be a number")]
    [InlineData("""{ "archetypes": [ { "name": "A", "description": "d", "weights": { "x": 0 } } ] }""", "archetype 'A', weights", "other than 0")]
    [InlineData("""{ "archetypes": [ { "name": "A", "weights": { "x": 1 } } ] }""", "archetype 'A', description", "is missing")]
    [InlineData("""{ "archetypes": [ { "name": "A", "description": "d", "weights": { "x": 1 }, "bounds": { "x": { } } } ] }""", "archetype 'A', bounds, x", "a minimum, a maximum")]
    [InlineData("""{ "archetypes": [ { "name": "A", "description": "d", "weights": { "x": 1 }, "bounds": { "x": { "max": 1 } } } ] }""", "archetype 'A', bounds, x, max", "fields are minimum, maximum")]
    public void A_complaint_says_file_archetype_and_field(string json, string where, string reason)
    {
        var exception = Should.Throw<DefinitionException>(() => Archetypes.Parse("own.json", json));

        exception.File.ShouldBe("own.json");
        exception.Where.ShouldBe(where);
        exception.Reason.ShouldContain(reason);
    }
}
