using Auie.Abstractions;
using Auie.Engine.Tests.Engine;
using Auie.Silo.Demo;

namespace Auie.Engine.Tests.Demo;

public sealed class DemoOutputTests
{
    [Fact]
    public async Task In_a_file_no_persona_and_no_column_name_is_cut_or_wrapped()
    {
        await using var engine = await TestEngine.StartAsync();
        using var written = new StringWriter();
        var demo = new DemoRun(engine.App, new() { Users = 1_500 }, DemoRun.ConsoleOver(written, redirected: true), quiet: false);

        var found = await demo.FindAsync(5, 5, CancellationToken.None);
        demo.Show(found);

        var lines = written.ToString().Split('\n');
        lines.ShouldContain(line => found.Columns.All(line.Contains));
        foreach (var segment in found.Segments)
            lines.ShouldContain(line => line.Contains(segment.Persona) && line.Contains(segment.Size.ToString("N0")));
    }
}
