BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $service = Join-Path $ModuleRoot 'docs/examples/service'
    $folder = New-TemporaryFolder
    $site = (New-Item -ItemType Directory (Join-Path $folder 'site')).FullName
    Set-Content (Join-Path $site 'index.html') '<h1>Hello</h1>'

    function Start-Service {
        param([string[]] $Arguments = @())

        $start = New-SignalledStart (@('-NoProfile', '-NonInteractive', '-File', "$service/Serve.ps1", '-Verbose', '-Repository', "$folder/repository") + $Arguments)
        $start.RedirectStandardError = $true
        $process = [Diagnostics.Process]::Start($start)
        $process.StandardInput.Close()
        $told = $null
        # from when it says that it waits, it hears signals
        do {
            $line = $process.StandardOutput.ReadLineAsync()
            if (-not $line.Wait(60000) -or $null -eq $line.Result) {
                $process.Kill($true)
                throw "It does not wait. $($process.StandardError.ReadToEnd())"
            }

            if ($line.Result.StartsWith('{')) { $told = $line.Result | ConvertFrom-Json }
        } until ($line.Result -like '*Waiting until *')

        @{ Process = $process; Told = $told }
    }

    function Stop-Service {
        param($Started)

        if (-not $Started.Process.WaitForExit(60000)) {
            $Started.Process.Kill($true)
            throw 'The service did not end in a minute.'
        }

        $Started.Process.ExitCode
    }
}

AfterAll {
    Clear-Nodes
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'A service' {
    It 'serves what it was given, and is the same peer with the same content after it was stopped' {
        $stopFile = Join-Path $folder 'stop'
        $first = Start-Service '-Path', $site, '-StopFile', $stopFile
        $root = $first.Told.roots[0]
        $client = Start-BitswapNode
        $null = Connect-BitswapPeer $first.Told.addresses[0] -Node $client
        Get-BitswapContent "$root/index.html" -AsString -Node $client | Should -Match 'Hello'
        $null = New-Item $stopFile
        Stop-Service $first | Should -Be 0

        $again = Start-Service '-StopFile', $stopFile
        $again.Told.peer | Should -Be $first.Told.peer
        $other = Start-BitswapNode
        $null = Connect-BitswapPeer $again.Told.addresses[0] -Node $other
        Get-BitswapContent "$root/index.html" -AsString -Node $other | Should -Match 'Hello'
        $null = New-Item $stopFile
        Stop-Service $again | Should -Be 0
    }

    It 'ends in order by SIGTERM' -Skip:$IsWindows {
        $running = Start-Service
        & /bin/kill -TERM $running.Process.Id
        Stop-Service $running | Should -Be 0
        $next = Start-BitswapNode -Path "$folder/repository"
        $next.PeerId | Should -Be $running.Told.peer
    }

    It 'has a unit of systemd that runs the script with parameters that it has' {
        $unit = [IO.File]::ReadAllText("$service/bitswap.service")
        $line = [regex]::Match($unit, '(?m)^ExecStart=(.*)$').Groups[1].Value
        $line | Should -BeLike '*/docs/examples/service/Serve.ps1 *'
        $known = (Get-Command "$service/Serve.ps1").Parameters.Keys
        [regex]::Matches(($line -split 'Serve\.ps1')[1], '-(\w+)').ForEach{ $_.Groups[1].Value } | Should -BeIn $known
    }

    It 'has a container that runs the script with parameters that it has' {
        $entry = [regex]::Match([IO.File]::ReadAllText("$service/Containerfile"), '(?m)^ENTRYPOINT (.*)$').Groups[1].Value | ConvertFrom-Json
        $known = (Get-Command "$service/Serve.ps1").Parameters.Keys
        $script = [array]::IndexOf($entry, @($entry -like '*Serve.ps1')[0])
        $entry[($script + 1)..($entry.Count - 1)] | Where-Object { $_ -like '-*' } | ForEach-Object { $_.TrimStart('-') } | Should -BeIn $known
    }
}
