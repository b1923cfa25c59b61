BeforeDiscovery {
    # each fetches $cid with the node $client, or $json, a block of dag-json; those of the second list cannot ask routers, or not within the cmdlet
    $fetching = @(
        @{ Name = 'Get-BitswapBlock'; Run = { Get-BitswapBlock $cid -Node $client -TimeoutSeconds $time @streams } }
        @{ Name = 'Get-BitswapFile'; Run = { Get-BitswapFile $cid -Node $client -TimeoutSeconds $time @streams } }
        @{ Name = 'Get-BitswapContent'; Run = { Get-BitswapContent $cid -Raw -Node $client -TimeoutSeconds $time @streams } }
        @{ Name = 'Save-BitswapFile'; Run = { Save-BitswapFile $cid $folder -Node $client -TimeoutSeconds $time @streams } }
        @{ Name = 'Add-BitswapPin'; Run = { Add-BitswapPin $cid -Node $client -TimeoutSeconds $time @streams } }
        @{ Name = 'Export-BitswapCar'; Run = { Export-BitswapCar $cid "$folder/export.car" -Node $client -TimeoutSeconds $time @streams } }
        @{ Name = 'Show-BitswapDag'; Run = { Show-BitswapDag $cid -Fetch -Node $client -TimeoutSeconds $time @streams } }
        @{ Name = 'Find-BitswapProvider'; Run = { Find-BitswapProvider "$json/a" -Node $client -TimeoutSeconds $time @streams } }
    )
    $asking = @(
        @{ Name = 'Wait-BitswapWant'; Run = { $network.LatencyMilliseconds = 500; $want = Start-BitswapWant $cid -Node $client; $want | Wait-BitswapWant -TimeoutSeconds (3 * $time) @streams; $want | Stop-BitswapWant } }
        @{ Name = 'Test-BitswapDag'; Run = { Test-BitswapDag $json -Peer $liar.PeerId -Node $client -TimeoutSeconds $time @streams } }
    )
    # these work with a node and have nothing fetched
    $working = @(
        @{ Name = 'Connect-BitswapPeer'; Run = { Connect-BitswapPeer $provider -Node $client @streams }; Said = 'speaks /ipfs/bitswap/' }
        @{ Name = 'Test-BitswapBlock -Peer'; Run = { Test-BitswapBlock $cid -Peer $provider -Node $client @streams }; Said = 'speaks /ipfs/bitswap/' }
        @{ Name = 'Find-BitswapProvider -Probe'; Run = { $null = Connect-BitswapPeer $provider -Node $client; Find-BitswapProvider $cid -Probe -Node $client @streams }; Said = 'To \S+: 1 wants and cancels' }
        @{ Name = 'Start-BitswapWant -Peer'; Run = { Start-BitswapWant $cid -Peer $provider -Node $client @streams | Stop-BitswapWant }; Said = 'is wanted' }
        @{ Name = 'Stop-BitswapWant'; Run = { Start-BitswapWant $cid -Node $client | Stop-BitswapWant @streams }; Said = 'The want \d+ of \S+ ended' }
        @{ Name = 'Disconnect-BitswapPeer'; Run = { $null = Connect-BitswapPeer $provider -Node $client; Disconnect-BitswapPeer $provider.PeerId -Node $client @streams }; Said = 'Disconnected: ' }
        @{ Name = 'Stop-BitswapNode'; Run = { Start-BitswapNode | Stop-BitswapNode @streams }; Said = 'Disconnected: |Node \S+ stopped' }
        @{ Name = 'Start-BitswapNode'; Run = { Start-BitswapNode @streams | Stop-BitswapNode }; Said = 'Node \S+ listens on' }
    )
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    . "$PSScriptRoot/Router.ps1"
    $folder = New-TemporaryFolder
    $time = 1

    # Who hears the log of a node now.
    function Get-LogListener {
        param($Node)

        $hidden = [Reflection.BindingFlags] 'NonPublic, Instance'
        $running = $Node.GetType().GetProperty('Host', $hidden).GetValue($Node)
        $log = $running.GetType().GetField('_options', $hidden).GetValue($running).LoggerFactory
        $log.GetType().GetField('_listeners', $hidden).GetValue($log)
    }

    # Runs a cmdlet, whatever errors it gives, and gives the lines of its verbose and debug streams.
    function Get-Line {
        param([scriptblock] $Run, [hashtable] $streams = @{})

        $ErrorActionPreference = 'SilentlyContinue'
        $lines = [Collections.Generic.List[string]]::new()
        try {
            & $Run 4>&1 5>&1 | ForEach-Object { if ($_ -is [Management.Automation.InformationalRecord]) { $lines.Add($_.Message) } }
        }
        catch {
            $_.FullyQualifiedErrorId | Should -Match ',Bitswap\.Commands\.'
        }

        $lines
    }
}
AfterAll {
    Clear-Nodes
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'A wrong block' {
    BeforeAll {
        # the line spoils what the liar sends, from when it is asked
        $network = New-BitswapTestNetwork -Seed 7
        $liar = Start-BitswapNode -Network $network -Filter { param($peer, $cid) ($using:network).Corruption = 1; $true }
        $client = Start-BitswapNode -Network $network
        $wrong = "^$($liar.PeerId) sent a block that it was not asked for"
    }
    BeforeEach {
        $network.Corruption = $network.LatencyMilliseconds = 0
        Wait-Until { -not (Get-BitswapWantlist -Direction Sent -Node $client) }
        $null = Disconnect-BitswapPeer $liar.PeerId -Node $client -ErrorAction Ignore
        $null = Connect-BitswapPeer $liar -Node $client
        $cid = ("$([guid]::NewGuid())$('x' * 50000)" | Add-BitswapBlock -Node $liar).Cid
        # small enough to be sent to who asks whether it is there
        $json = ("`"$([guid]::NewGuid())$('x' * 950)`"" | Add-BitswapBlock -Codec dag-json -Node $liar).Cid
    }
    AfterAll { $network.Dispose() }

    It 'is told by <Name> -Verbose' -ForEach ($fetching + $asking) {
        @(Get-Line $Run @{ Verbose = $true }) -match $wrong | Should -Not -BeNullOrEmpty
        @(Get-LogListener $client).Count | Should -Be 0
    }

    It 'is not told by <Name> to who did not ask' -ForEach ($fetching + $asking) {
        Get-Line $Run | Should -BeNullOrEmpty
        # it came all the same
        $network.MessagesCorrupted | Should -BeGreaterThan 0
        @(Get-LogListener $client).Count | Should -Be 0
    }
}

Describe 'Who is asked, and what each answers' {
    BeforeAll {
        $provider = Start-BitswapNode
        $client = Start-BitswapNode
        $peer = [regex]::Escape($provider.PeerId)
    }
    BeforeEach {
        $null = Connect-BitswapPeer $provider -Node $client
        # too large to be sent to who asks only whether it is there
        $cid = ("$([guid]::NewGuid())$('x' * 5000)" | Add-BitswapBlock -Node $provider).Cid
        $json = ("{`"a`":`"$([guid]::NewGuid())`"}" | Add-BitswapBlock -Codec dag-json -Node $provider).Cid
    }
    AfterEach { Remove-Item -LiteralPath "$folder/export.car" -ErrorAction Ignore }
    AfterAll { $client, $provider | Stop-BitswapNode }

    It 'is told by <Name> -Verbose, and not without' -ForEach $fetching {
        $about = $Name -eq 'Find-BitswapProvider' ? $json : $cid
        $lines = @(Get-Line $Run @{ Verbose = $true })
        $lines -match "^$about`: asked $peer " | Should -Not -BeNullOrEmpty
        $lines -match "^$about`: $peer (sent \d+ bytes|said HAVE) after [\d.]+ ms" | Should -Not -BeNullOrEmpty
        Remove-BitswapBlock $cid, $json -Force -Node $client -ErrorAction Ignore
        Get-Line $Run | Should -BeNullOrEmpty
    }
}

Describe 'What routers answer' {
    BeforeAll {
        $good = [BitswapTestRouter]::new()
        $bad = [BitswapTestRouter]::new()
        $bad.Status = '500 Internal Server Error'
        $client = Start-BitswapNode -Router $good.Uri, $bad.Uri
    }
    BeforeEach {
        $cid = New-UnknownCid
        $json = (Get-BitswapCid "`"$([guid]::NewGuid())`"" -Codec dag-json).Cid
    }
    AfterAll {
        $client | Stop-BitswapNode
        $good.Dispose()
        $bad.Dispose()
    }

    It 'is told by <Name> -Verbose' -ForEach $fetching {
        $lines = @(Get-Line $Run @{ Verbose = $true })
        $lines -match "$([regex]::Escape($good.Uri.Authority)).* gave .* of ($cid|$json)" | Should -Not -BeNullOrEmpty
        $lines -match "$([regex]::Escape($bad.Uri.Authority)).* cannot be asked for providers of ($cid|$json).*500" | Should -Not -BeNullOrEmpty
        @(Get-LogListener $client).Count | Should -Be 0
    }

    It 'is told by $VerbosePreference, too' {
        $VerbosePreference = 'Continue'
        @(Get-Line { Get-BitswapContent $cid -Node $client -TimeoutSeconds $time }) -match 'cannot be asked for providers' | Should -Not -BeNullOrEmpty
        @(Get-Line { Get-BitswapContent $cid -Node $client -TimeoutSeconds $time @streams } @{ Verbose = $false }) | Should -BeNullOrEmpty
    }
}

Describe 'The log of a node' {
    BeforeAll {
        $client = Start-BitswapNode
        $provider = Start-BitswapNode
        $cid = ('logged' | Add-BitswapBlock -Node $provider).Cid
    }
    BeforeEach { $null = Disconnect-BitswapPeer $provider.PeerId -Node $client -ErrorAction Ignore }

    It 'is told by <Name> -Debug' -ForEach $working {
        @(Get-Line $Run @{ Verbose = $true; Debug = $true }) -match $Said | Should -Not -BeNullOrEmpty
        Get-Line $Run | Should -BeNullOrEmpty
        @(Get-LogListener $client).Count | Should -Be 0
    }

    It 'is written by every cmdlet that works with a node but the one that draws a screen' {
        $hidden = [Reflection.BindingFlags] 'NonPublic, Instance'
        $others = Get-Command -Module Bitswap -ParameterName Node | Where-Object { $_.ImplementingType.GetProperty('RelaysLog', $hidden).DeclaringType.Name -ne 'BitswapCmdlet' }
        $others.Name | Should -Be 'Show-BitswapNode'
    }

    It 'asks nobody, and goes to the debug stream, with -Debug alone' {
        $shell = New-ModuleRunspace
        try {
            # a host that cannot ask ends with an error where it is to
            $null = $shell.AddScript('param($peer, $node) Connect-BitswapPeer $peer -Node $node; Disconnect-BitswapPeer $peer.PeerId -Node $node -Debug; Start-BitswapNode -Debug | Stop-BitswapNode').AddParameters(@($provider, $client)).Invoke()
            $shell.Streams.Error | Should -BeNullOrEmpty
            $shell.Streams.Verbose | Where-Object { $_.Message -match '^Node .* listens on' } | Should -BeNullOrEmpty
            @($shell.Streams.Debug.Message) -match '^Node .* listens on' | Should -Not -BeNullOrEmpty
        }
        finally {
            $shell.Runspace.Dispose()
            $shell.Dispose()
        }
    }

    It 'is written while a cmdlet waits, before its end' {
        $shell = New-ModuleRunspace
        try {
            $running = $shell.AddScript('param($cid, $node) Get-BitswapContent $cid -Node $node -Wait -TimeoutSeconds 600 -Debug').AddParameters(@((New-UnknownCid), $client)).BeginInvoke()
            Wait-Until { $shell.Streams.Debug.Count }
            $null = Connect-BitswapPeer $provider -Node $client
            Wait-Until { @($shell.Streams.Debug.Message) -match "^$($provider.PeerId) speaks" }
            $running.IsCompleted | Should -BeFalse
            Stop-Shell $shell
        }
        finally {
            $shell.Runspace.Dispose()
            $shell.Dispose()
        }

        @(Get-LogListener $client).Count | Should -Be 0
    }

    It 'leaves nobody behind who listens: <Name>' -ForEach @(
        @{ Name = 'a reader that has enough'; Run = { Get-BitswapContent (New-UnknownCid) -Wait -Node $client -TimeoutSeconds 600 -Debug 5>&1 | Select-Object -First 1 } }
        @{ Name = 'an error'; Run = { Get-BitswapContent (New-UnknownCid) -Local -Node $client -Debug -ErrorAction Stop 5>&1 } }
        @{ Name = 'a stream that stops the pipeline'; Run = { $DebugPreference = 'Stop'; Get-BitswapContent (New-UnknownCid) -Wait -Node $client -TimeoutSeconds 600 5>&1 } }
        @{ Name = 'two cmdlets in one pipeline'; Run = { Get-BitswapBlock $cid -Node $client -Verbose -Debug 4>&1 5>&1 | Where-Object { $_ -is [Bitswap.BitswapBlock] } | Get-BitswapContent -Node $provider -Verbose -Debug 4>&1 5>&1 } }
    ) {
        $null = Connect-BitswapPeer $provider -Node $client
        $timer = [Diagnostics.Stopwatch]::StartNew()
        try { & $Run | Out-Null } catch { $_ | Should -Not -BeNullOrEmpty }
        $timer.Elapsed.TotalSeconds | Should -BeLessThan 60
        @(Get-LogListener $client).Count | Should -Be 0
        @(Get-LogListener $provider).Count | Should -Be 0
        Wait-Until { -not (Get-BitswapWantlist -Direction Sent -Node $client) }
    }

    It 'is written by the cmdlet that works, while another cmdlet of the pipeline has the thread' {
        # the node of the first logs while the second runs, and a node is stopped in between
        $lines = Get-Line {
            Get-BitswapBlock $cid -Node $client -Verbose -Debug 4>&1 5>&1 | ForEach-Object {
                $_
                if ($_ -is [Bitswap.BitswapBlock]) {
                    $null = Disconnect-BitswapPeer $provider.PeerId -Node $client
                    (Start-BitswapNode).Dispose()
                }
            }
        }
        @($lines) -match 'is wanted' | Should -Not -BeNullOrEmpty
    }
}
