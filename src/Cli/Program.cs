namespace Auie.Cli;

/// <summary>The entry point of the command line.</summary>
internal static class Program
{
    private static Task<int> Main(string[] arguments) => AuieCli.Run(arguments, CliHost.OfProcess());
}
