using Auie.Load;

LoadOptions options;
try
{
    options = LoadOptions.Parse(args);
}
catch (FormatException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 2;
}

using var loader = new Loader(options);
// The end of the input stops it too, so that it never outlives whoever started it; without a time or a count of its own it could not end otherwise.
var listening = new Thread(() =>
{
    string? line;
    do
    {
        line = Console.In.ReadLine();
        if (line is not null || (options.Seconds is null && options.Count is null))
            loader.Tell(line);
    }
    while (line is not null);
}) { IsBackground = true };
listening.Start();
Console.WriteLine((await loader.RunAsync()).ToJson());
return 0;
