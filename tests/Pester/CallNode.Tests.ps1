BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    . "$PSScriptRoot/Router.ps1"

    $cid = ('it is at a gateway' | Get-BitswapCid).Cid
    $gateway = [BitswapTestRouter]::new()
    $gateway.Type = 'application/vnd.ipld.raw'
    $gateway.Answers['bafkqaaa?format=raw'] = ''
    $gateway.Answers["$cid`?format=raw"] = 'it is at a gateway'
}
AfterAll {
    $gateway.Dispose()
    Clear-Nodes
}

Describe 'A node for one call' {
    AfterEach {
        Clear-Nodes
    }

    It 'lets <_> take -Public' -ForEach 'Get-BitswapBlock', 'Get-BitswapContent', 'Get-BitswapFile', 'Save-BitswapFile', 'Find-BitswapProvider' {
        (Get-Command $_).Parameters['Public'].ParameterType | Should -Be ([switch])
    }

    It 'is what the error without a node advises, where the cmdlet has it' {
        (Get-Failure { Get-BitswapBlock $cid }).ErrorDetails.RecommendedAction | Should -BeLike '*Start-BitswapNode*-Public*'
        (Get-Failure { Get-BitswapFile $cid -Local }).ErrorDetails.RecommendedAction | Should -Not -BeLike '*-Public*'
        (Get-Failure { Add-BitswapPin $cid }).ErrorDetails.RecommendedAction | Should -Not -BeLike '*-Public*'
    }

    It 'fetches with no node running, and is gone after the call' {
        Get-BitswapBlock $cid -Gateway $gateway.Uri -AsString | Should -Be 'it is at a gateway'
        Get-BitswapContent "ipfs://$cid" -Gateway $gateway.Uri | Should -Be 'it is at a gateway'
        (Get-BitswapFile $cid -Gateway $gateway.Uri).Size | Should -Be 18
        $saved = Save-BitswapFile "https://elsewhere.example/ipfs/$cid" (Join-Path $TestDrive saved) -Gateway $gateway.Uri -PassThru
        Get-Content -LiteralPath $saved.FullName -Raw | Should -Be 'it is at a gateway'
        Get-BitswapNode | Should -BeNullOrEmpty
    }

    It 'takes several CIDs from the pipeline with one node' {
        $told = $cid, $cid, $cid | Get-BitswapBlock -Gateway $gateway.Uri -AsString -Verbose 4>&1
        $told | Where-Object { $_ -is [string] } | Should -Be (@('it is at a gateway') * 3)
        $told | Where-Object { "$_" -like 'A node for this call asks*' } | Should -HaveCount 1
    }

    It 'is stopped when the pipeline is cut short' {
        $cid, $cid | Get-BitswapFile -Gateway $gateway.Uri | Select-Object -First 1 -ExpandProperty Size | Should -Be 18
        Get-BitswapNode | Should -BeNullOrEmpty
    }

    It 'neither uses nor hides the node that runs' {
        $own = Start-BitswapNode -Name standing
        $file = Get-BitswapFile $cid -Gateway $gateway.Uri | ForEach-Object {
            # the call is under way, and its node runs
            $script:seen = (Get-BitswapNode).Name | Sort-Object
            $script:stored = Test-BitswapBlock $cid
            $_
        }
        $file.Node | Should -BeLike 'call*'
        $seen | Should -Be $file.Node, 'standing' -Because 'both run'
        $stored | Should -BeFalse
        Get-BitswapNode | Should -HaveCount 1

        # what it gave is input for the node that runs, and for another call
        'it is at a gateway' | Add-BitswapBlock -Node $own
        $file | Get-BitswapContent | Should -Be 'it is at a gateway'
        $file | Get-BitswapContent -Gateway $gateway.Uri | Should -Be 'it is at a gateway'
    }

    It 'serves nothing and listens nowhere' {
        Get-BitswapFile $cid -Gateway $gateway.Uri | ForEach-Object {
            $script:node = Get-BitswapNode $_.Node
            $script:addresses = $node.Addresses
        }
        $node.ListenAddress | Should -BeNullOrEmpty
        $addresses | Should -BeNullOrEmpty
        $node.IsRunning | Should -BeFalse
    }

    It 'tells with -Verbose who is asked' {
        $told = Get-BitswapBlock $cid -Gateway $gateway.Uri -Verbose 4>&1 | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] }
        "$told" | Should -BeLike "*$($gateway.Uri)*"
    }

    It 'is refused together with <What>' -ForEach @(
        @{ What = '-Node'; Script = { Get-BitswapFile $cid -Public -Node none } }
        @{ What = '-Local'; Script = { Get-BitswapBlock $cid -Gateway $gateway.Uri -Local } }
    ) {
        $failure = Get-Failure $Script
        $failure.FullyQualifiedErrorId | Should -BeLike 'InvalidOption,*'
        "$failure" | Should -BeLike "*cannot be used with $What*"
        Get-BitswapNode | Should -BeNullOrEmpty
    }

    It 'says what is wrong with a gateway that cannot be asked, and leaves no node' {
        $other = [BitswapTestRouter]::new()
        $gone = $other.Uri
        $other.Dispose()
        $failure = Get-Failure { Get-BitswapFile $cid -Gateway $gone }
        $failure.FullyQualifiedErrorId | Should -BeLike 'PeerUnreachable,*'
        "$failure" | Should -BeLike "*$($gone.Port)*"
        Get-BitswapNode | Should -BeNullOrEmpty

        # one that can be asked is enough
        Get-BitswapBlock $cid -Gateway $gone, $gateway.Uri -AsString -WarningAction SilentlyContinue | Should -Be 'it is at a gateway'
    }

    It 'says that a gateway has it not, and leaves no node' {
        $failure = Get-Failure { Get-BitswapBlock (New-UnknownCid) -Gateway $gateway.Uri -TimeoutSeconds 10 }
        $failure.FullyQualifiedErrorId | Should -BeLike 'BlockUnavailable,*'
        Get-BitswapNode | Should -BeNullOrEmpty
    }
}
