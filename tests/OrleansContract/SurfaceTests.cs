namespace Auie.OrleansContract.Tests;

/// <summary>What the built-in host offers to grains under a name of Orleans must be there in Orleans with the same parameters.</summary>
public sealed class SurfaceTests
{
    // What only the built-in host has: how it is started. Grain code never names these.
    private static readonly string[] Ours = ["RuntimeOptions", "RuntimeServiceCollectionExtensions"];

    // These lie in assemblies that cannot be downloaded; the shims hold them as Orleans declares them.
    private static readonly string[] Elsewhere = ["GenerateSerializerAttribute", "IdAttribute", "AliasAttribute", "ImmutableAttribute", "ResponseTimeoutAttribute", "IInvokable", "IClusterClient"];

    private static readonly Dictionary<string, (string Namespace, HashSet<string> Members)> BuiltIn = Surface.Read(Beside("Auie.Runtime.dll"));
    private static readonly Dictionary<string, (string Namespace, HashSet<string> Members)> Orleans = Surface.Read(Beside("Orleans.Core.Abstractions.dll"));

    public static TheoryData<string> Shared =>
        [.. BuiltIn.Where(t => t.Value.Namespace == "Auie.Runtime").Select(t => t.Key).Except(Ours).Except(Elsewhere)];

    [Fact]
    public void The_surface_was_read() => Shared.Count.ShouldBeGreaterThan(25);

    [Theory, MemberData(nameof(Shared))]
    public void A_type_of_the_programming_model_has_only_members_that_Orleans_has_too(string type)
    {
        Orleans.ShouldContainKey(type);
        BuiltIn[type].Members.Except(Orleans[type].Members).ShouldBeEmpty();
        new[] { "Orleans", "Orleans.Runtime", "Orleans.Concurrency" }.ShouldContain(Orleans[type].Namespace);
    }

    [Theory, InlineData("GenerateSerializerAttribute"), InlineData("IdAttribute"), InlineData("AliasAttribute"), InlineData("ImmutableAttribute"), InlineData("ResponseTimeoutAttribute")]
    public void A_serialization_attribute_is_the_one_that_stands_in_for_Orleans(string type) =>
        BuiltIn[type].Members.ShouldBe(Surface.Read(Beside("Orleans.Serialization.Abstractions.dll"))[type].Members, ignoreOrder: true);

    private static string Beside(string file) => Path.Combine(AppContext.BaseDirectory, file);
}
