using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.CompilerServices;

namespace Auie.Cli;

/// <summary>The usual help, followed by the command's examples; for the whole program also by the environment and the exit codes.</summary>
internal sealed class HelpWithExamples(HelpAction usual) : SynchronousCommandLineAction
{
    private const string Environment = """
        Environment:
          AUIE_ENDPOINT  the engine's address, where --endpoint is not given
          AUIE_KEY       the key, where --key is not given; other users of the machine can see a command's options, not its environment
        """;

    private static readonly ConditionalWeakTable<Command, string[]> Examples = [];

    public static void Add(Command command, params string[] examples) => Examples.Add(command, examples);

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var output = parseResult.InvocationConfiguration.Output;
        var command = parseResult.CommandResult.Command;
        // What a command takes by itself is nothing that its subcommands need.
        foreach (var parent in command.Parents.OfType<Command>()) parent.Arguments.Clear();
        usual.Invoke(parseResult);
        if (Examples.TryGetValue(command, out var examples))
        {
            output.WriteLine("Examples:");
            foreach (var example in examples) output.WriteLine($"  {example}");
            output.WriteLine();
        }

        if (command is RootCommand)
        {
            output.WriteLine(Environment);
            output.WriteLine();
        }

        output.WriteLine(ExitCodes.Help);
        return ExitCodes.Ok;
    }
}
