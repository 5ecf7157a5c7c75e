using Auie.Runtime.Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Auie.Runtime.Tests;

public sealed class GeneratorTests
{
    private static readonly MetadataReference[] References =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Where(static p => Path.GetFileName(p) != "Auie.Runtime.Tests.dll").Select(static p => MetadataReference.CreateFromFile(p))];

    [Theory]
    [InlineData("AUIE0001", "public interface IA : IGrainWithStringKey { int Size { get; } }")]
    [InlineData("AUIE0002", "public interface IA : IGrainWithStringKey { event Action Changed; }")]
    [InlineData("AUIE0003", "public interface IA : IGrainWithStringKey { Task A(ref int number); }")]
    [InlineData("AUIE0003", "public interface IA : IGrainWithStringKey { Task A(out int number); }")]
    [InlineData("AUIE0003", "public interface IA : IGrainWithStringKey { Task A(in int number); }")]
    [InlineData("AUIE0004", "public interface IA : IGrainWithStringKey { int A(); }")]
    [InlineData("AUIE0004", "public interface IA : IGrainWithStringKey { [OneWay] void A(); }")]
    [InlineData("AUIE0005", "public interface IA : IGrainWithStringKey { Task A(CancellationToken one, CancellationToken two); }")]
    [InlineData("AUIE0006", "public interface IA : IGrainWithStringKey { Task A<T>(T value); }")]
    [InlineData("AUIE0006", "public interface IA<T> : IGrainWithStringKey { Task A(); }")]
    [InlineData("AUIE0006", "[GenerateSerializer] public class A<T> { [Id(0)] public T Value { get; set; } }")]
    [InlineData("AUIE0007", "public class B; public interface IA : IGrainWithStringKey { Task A(B value); }")]
    [InlineData("AUIE0007", "public class B; public interface IA : IGrainWithStringKey { Task<List<B>> A(); }")]
    [InlineData("AUIE0007", "public interface IA : IGrainWithStringKey { Task A(object value); }")]
    [InlineData("AUIE0007", "public interface IA : IGrainWithStringKey { Task A(IA other); }")]
    [InlineData("AUIE0007", "public class B; [GenerateSerializer] public class A { [Id(0)] public B Value { get; set; } }")]
    [InlineData("AUIE0008", "[GenerateSerializer] public class A { [Id(0)] public int One { get; set; } [Id(0)] public int Two { get; set; } }")]
    [InlineData("AUIE0009", "[GenerateSerializer] public class A { [Id(0)] public int One { get; set; } public int Two { get; set; } }")]
    [InlineData("AUIE0009", "[GenerateSerializer] public record A([property: Id(0)] int One, int Two);")]
    [InlineData("AUIE0010", "[GenerateSerializer, Alias(\"x\")] public class A; [GenerateSerializer, Alias(\"x\")] public class B;")]
    [InlineData("AUIE0010", "[Alias(\"x\")] public interface IA : IGrainWithStringKey; [Alias(\"x\")] public interface IB : IGrainWithStringKey;")]
    [InlineData("AUIE0010", "public interface IA : IGrainWithStringKey { [Alias(\"x\")] Task A(); [Alias(\"x\")] Task B(); }")]
    [InlineData("AUIE0011", "public interface IA : IGrainWithStringKey { [OneWay] Task<int> A(); }")]
    [InlineData("AUIE0012", "public interface IA : IGrainWithStringKey; [MayInterleave(\"Decide\")] public class A : Grain, IA;")]
    [InlineData("AUIE0013", "public class B { public int Lost { get; set; } } [GenerateSerializer] public class A : B;")]
    [InlineData("AUIE0014", "[GenerateSerializer] public class A { [Id(0)] public int Twice => 2; }")]
    public void What_a_grain_interface_or_message_may_not_contain_is_an_error_that_says_so(string id, string source) =>
        Run(source).Diagnostics.Select(static d => d.Id).ShouldBe([id]);

    [Theory]
    [InlineData("public interface IA : IGrainWithStringKey { Task A(int one, int? two, string[] three, CancellationToken token); ValueTask<(int, string)> B(List<Guid> ids); IAsyncEnumerable<byte[]> C(); Task D(int a); Task D(string a); }")]
    [InlineData("[GenerateSerializer] public sealed class A { [Id(0)] private int _hidden; [Id(1)] public readonly string Text; [NonSerialized] public int Left; public int Sum => _hidden; public A(string text) => Text = text; }")]
    [InlineData("[GenerateSerializer] public struct A { [Id(0)] public int One; [Id(1)] public A[] Many { get; init; } }")]
    [InlineData("[GenerateSerializer] public sealed class AException(string f) : InvalidOperationException(f) { [Id(0)] public string F { get; } = f; }")]
    [InlineData("internal interface IA : IGrainWithGuidKey { Task A(B b); } [GenerateSerializer] internal sealed record B([property: Id(0)] Dictionary<string, HashSet<int>> Sets); internal sealed class A : Grain, IA { Task IA.A(B b) => Task.CompletedTask; }")]
    [InlineData("public interface IBase : IGrain { Task A(Immutable<byte[]> bytes); } public interface IA : IBase, IGrainWithIntegerKey { [ResponseTimeout(\"00:01:00\")] Task<IReadOnlyList<string>> B(ReadOnlyMemory<byte> bytes); }")]
    public void What_is_generated_compiles(string source)
    {
        var (diagnostics, compilation) = Run(source);
        diagnostics.ShouldBeEmpty();
        compilation.GetDiagnostics().Where(static d => d.Severity == DiagnosticSeverity.Error).Select(static d => d.ToString()).ShouldBeEmpty();
    }

    [Fact]
    public void The_number_of_a_method_on_the_wire_comes_from_its_alias_or_name()
    {
        var text = Run("[Alias(\"a\")] public interface IA : IGrainWithStringKey { Task Named(); [Alias(\"b\")] Task Other(); }").Compilation.SyntaxTrees.Last().ToString();
        text.ShouldContain("InterfaceId = 0xE40C292C"); // FNV-1a of "a"
        text.ShouldContain("MethodId = 0xE70C2DE5"); // of "b"
    }

    private static (Diagnostic[] Diagnostics, Compilation Compilation) Run(string source)
    {
        var usings = string.Concat(new[] { "System", "System.Collections.Generic", "System.Threading", "System.Threading.Tasks", "Auie.Runtime" }.Select(static u => $"using {u};\n"));
        var compilation = CSharpCompilation.Create(
            "Sample", [CSharpSyntaxTree.ParseText(usings + source, new CSharpParseOptions(LanguageVersion.CSharp13))], References,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        var driver = CSharpGeneratorDriver.Create([new GrainGenerator().AsSourceGenerator()], parseOptions: new CSharpParseOptions(LanguageVersion.CSharp13));
        driver.RunGeneratorsAndUpdateCompilation(compilation, out var output, out var diagnostics);
        return ([.. diagnostics], output);
    }
}
